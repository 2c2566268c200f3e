/** What is known of how the relay gets on, and what it amounts to in one sentence. */
@NullMarked
package io.outboxrelay.verdict;

import org.jspecify.annotations.NullMarked;
