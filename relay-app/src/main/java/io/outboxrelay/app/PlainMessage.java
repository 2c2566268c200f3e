package io.outboxrelay.app;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.slf4j.helpers.MessageFormatter;

/**
 * The message of a text log's line: what is filled in is kept on the line, because it may be text
 * of events.
 */
public final class PlainMessage extends ClassicConverter {
  @Override
  public String convert(ILoggingEvent event) {
    var arguments = event.getArgumentArray();
    if (arguments == null || arguments.length == 0) {
      return PlainText.indented(event.getFormattedMessage());
    }
    var plain = new Object[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      plain[i] = arguments[i] == null ? null : PlainText.line(arguments[i].toString());
    }
    return PlainText.indented(MessageFormatter.arrayFormat(event.getMessage(), plain).getMessage());
  }
}
