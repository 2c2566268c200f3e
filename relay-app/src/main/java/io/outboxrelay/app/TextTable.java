package io.outboxrelay.app;

import java.util.ArrayList;
import java.util.List;

/**
 * Formats rows of text as columns that fit a width. Ids are shortened in the middle, and the last
 * column is kept whole, on several lines if necessary.
 */
final class TextTable {
  private static final int GAP = 2;

  /** The least width, in characters, to which a column is shortened. */
  private static final int LEAST = 12;

  /**
   * The least width for the last column beside the others. If there is less room, the last column
   * is written on lines of its own.
   */
  private static final int LEAST_OF_LAST = 24;

  private static final int INDENT = 4;

  private final List<String[]> rows = new ArrayList<>();
  private final Layout layout;

  /** The choice whether a table is fitted to a width. */
  enum Width {
    /** No column is shortened. */
    FULL,
    /** The table fits a number of characters. */
    FITTING
  }

  /**
   * The layout of a table.
   *
   * @param width the choice whether columns are shortened
   * @param characters the number of characters on a line
   * @param longest the number of characters to which a longer id is shortened
   */
  record Layout(Width width, int characters, int longest) {
    /**
     * The number of characters to which an id is shortened in a fitted table. A UUID, which has 36,
     * is kept.
     */
    private static final int ID = 40;

    static Layout full() {
      return new Layout(Width.FULL, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    static Layout within(int characters) {
      return new Layout(Width.FITTING, characters, ID);
    }

    boolean isFull() {
      return width == Width.FULL;
    }
  }

  TextTable(Layout layout, String... headings) {
    this.layout = layout;
    add(headings);
  }

  void add(String... cells) {
    var plain = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      String cell = PlainText.line(cells[i]);
      plain[i] = i == cells.length - 1 ? cell : shortened(cell, layout.longest());
    }
    rows.add(plain);
  }

  /**
   * Returns the text shortened to a length. The middle is left out, because ids differ at their
   * beginning and their end.
   */
  static String shortened(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    int end = (length - 1) / 2;
    return text.substring(0, length - 1 - end) + "…" + text.substring(text.length() - end);
  }

  @Override
  public String toString() {
    int last = rows.get(0).length - 1;
    var widths = widths(last);
    int before = sum(widths, last) + GAP * last;
    int room = layout.isFull() ? Integer.MAX_VALUE : layout.characters() - before;
    boolean below = room < Math.min(LEAST_OF_LAST, widths[last]);
    var text = new StringBuilder();
    for (var row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < last; i++) {
        String cell = shortened(row[i], widths[i]);
        line.append(cell).append(" ".repeat(widths[i] - cell.length() + GAP));
      }
      if (below) {
        line(text, line.toString());
        for (String part : wrapped(row[last], layout.characters() - INDENT)) {
          line(text, " ".repeat(INDENT) + part);
        }
      } else {
        for (String part : wrapped(row[last], room)) {
          line(text, line + part);
          line.setLength(0);
          line.append(" ".repeat(before));
        }
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String line) {
    if (!line.isBlank()) {
      text.append(line.stripTrailing()).append(System.lineSeparator());
    }
  }

  /**
   * Returns the width of each column. If the table is too wide, the widest column is narrowed
   * first. The last column is never narrowed, and the other columns are not narrowed to make room
   * for it, because the last column can be written below them.
   */
  private int[] widths(int last) {
    var widths = new int[last + 1];
    for (var row : rows) {
      for (int i = 0; i <= last; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    if (!layout.isFull()) {
      int room = layout.characters() - GAP * last;
      while (sum(widths, last) > room) {
        int widest = -1;
        for (int i = 0; i < last; i++) {
          boolean gives = widths[i] > Math.max(LEAST, rows.get(0)[i].length()) && !holdsTimes(i);
          widest = gives && (widest < 0 || widths[i] > widths[widest]) ? i : widest;
        }
        if (widest < 0) {
          break;
        }
        widths[widest]--;
      }
    }
    return widths;
  }

  /**
   * Returns true if the column contains only times. Such a column is not narrowed, because a part
   * of a time is useless.
   */
  private boolean holdsTimes(int column) {
    return rows.stream()
        .skip(1)
        .map(row -> row[column])
        .allMatch(cell -> cell.isEmpty() || cell.matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z"));
  }

  private static int sum(int[] widths, int columns) {
    int sum = 0;
    for (int i = 0; i < columns; i++) {
      sum += widths[i];
    }
    return sum;
  }

  /** Breaks the text into lines, at blanks if possible. */
  static List<String> wrapped(String text, int width) {
    var parts = new ArrayList<String>();
    String rest = text;
    while (rest.length() > width) {
      int blank = rest.lastIndexOf(' ', width);
      int end = blank > 0 ? blank : width;
      parts.add(rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    parts.add(rest);
    return parts;
  }
}
