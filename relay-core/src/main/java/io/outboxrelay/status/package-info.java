/** What is known of how the relay gets on, and what it amounts to in one sentence. */
@NullMarked
package io.outboxrelay.status;

import org.jspecify.annotations.NullMarked;
