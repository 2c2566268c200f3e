/**
 * Formats sizes, elapsed times, counts and points in time for the sentences that operators read.
 * The result never depends on the locale of the machine. Formats that are parsed again are not
 * here: settings have theirs in {@code settings}, and JSON and message headers have times in full
 * precision. Begin with {@link io.outboxrelay.format.CountFormat}.
 */
@NullMarked
package io.outboxrelay.format;

import org.jspecify.annotations.NullMarked;
