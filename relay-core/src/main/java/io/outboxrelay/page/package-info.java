/**
 * The interface between the source that reads the outbox and the relay that publishes it.
 *
 * <p>This package holds the page and the source of pages, and no implementation. The source that
 * reads the outbox table is in {@code window}; the pump that consumes the pages is in {@code
 * pipeline}.
 *
 * <p>Begin with {@link io.outboxrelay.page.PageSource}.
 */
@NullMarked
package io.outboxrelay.page;

import org.jspecify.annotations.NullMarked;
