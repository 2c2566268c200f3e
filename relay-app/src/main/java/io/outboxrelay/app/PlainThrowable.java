package io.outboxrelay.app;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;

/**
 * Formats the stack trace in the text log. Its messages are escaped, because they may contain text
 * of events.
 */
public final class PlainThrowable extends ThrowableProxyConverter {
  @Override
  protected String throwableProxyToString(IThrowableProxy throwable) {
    return PlainText.lines(super.throwableProxyToString(throwable))
        .replaceAll("\n(?!\t|Caused by: |Wrapped by: |$)", "\n  ");
  }
}
