package io.outboxrelay.app;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts an option to a whole number of at least 1. */
final class PositiveIntConverter implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    try {
      int some = Integer.parseInt(text);
      if (some >= 1) {
        return some;
      }
    } catch (NumberFormatException e) {
      // A text that is not a number is reported below, like a number less than 1.
    }
    throw new TypeConversionException("'" + text + "' is not a whole number from 1 on");
  }
}
