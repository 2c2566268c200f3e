package io.outboxrelay.outbox;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One privilege that a role needs on one object of the database.
 *
 * @param kind the kind of the object
 * @param object the qualified name of the object in SQL
 * @param privilege the name of the privilege, such as {@code select}
 * @param columns the unquoted names of the columns to which the privilege is limited; empty if it
 *     covers the whole object
 */
public record ObjectPrivilege(Kind kind, String object, String privilege, List<String> columns) {
  /** The kind of the object. */
  public enum Kind {
    SCHEMA("schema "),
    TABLE(""),
    SEQUENCE("sequence "),
    /**
     * A function. Every role may execute the functions that the relay needs, unless a DBA has
     * revoked that.
     */
    FUNCTION("function ");

    private final String sql;

    Kind(String sql) {
      this.sql = sql;
    }
  }

  /**
   * Returns the object as messages and grants name it, such as {@code sequence
   * "public"."outbox_seq"}.
   */
  public String target() {
    return kind.sql + object;
  }

  /** Returns the privilege as {@code grant} writes it, such as {@code update (xid)}. */
  public String written() {
    return columns.isEmpty() ? privilege : privilege + " (" + listed() + ")";
  }

  private String listed() {
    return columns.stream().map(OutboxColumns::quoted).collect(Collectors.joining(", "));
  }

  /** Returns this privilege for some of its columns. */
  ObjectPrivilege of(List<String> some) {
    return new ObjectPrivilege(kind, object, privilege, some);
  }
}
