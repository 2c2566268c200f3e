package io.outboxrelay.app;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.slf4j.helpers.MessageFormatter;

/**
 * Formats the message of a line in the text log. The arguments are escaped to stay on one line,
 * because they may contain text of events.
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
