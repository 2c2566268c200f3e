package io.outboxrelay.outbox;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One privilege that a role needs on one object of the database.
 *
 * @param object the qualified name in SQL
 * @param privilege such as {@code select}
 * @param columns the columns, unquoted, to which it is limited; empty if it covers the whole object
 */
public record ObjectPrivilege(Kind kind, String object, String privilege, List<String> columns) {
  /** The kind of the object. */
  public enum Kind {
    SCHEMA("schema "),
    TABLE(""),
    SEQUENCE("sequence "),
    /** Every role may execute these functions unless a DBA has revoked that. */
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

  /** Returns this privilege limited to some of its columns. */
  ObjectPrivilege of(List<String> some) {
    return new ObjectPrivilege(kind, object, privilege, some);
  }
}
