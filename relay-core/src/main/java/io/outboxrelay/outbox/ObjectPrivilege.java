package io.outboxrelay.outbox;

import java.util.List;

/**
 * One privilege on one object of the database, which a role needs.
 *
 * @param object as SQL names it, with its schema
 * @param privilege such as {@code select}
 * @param columns those that it is limited to; none if it is the whole object
 */
public record ObjectPrivilege(Kind kind, String object, String privilege, List<String> columns) {
  /** What the privilege is on. */
  public enum Kind {
    SCHEMA("schema "),
    TABLE(""),
    SEQUENCE("sequence "),
    /** Every role may execute the ones in question, unless a DBA has revoked that. */
    FUNCTION("function ");

    private final String sql;

    Kind(String sql) {
      this.sql = sql;
    }
  }

  /** As messages and grants name the object, such as {@code sequence "public"."outbox_seq"}. */
  public String target() {
    return kind.sql + object;
  }

  /** As {@code grant} writes the privilege, such as {@code update (xid)}. */
  public String written() {
    return columns.isEmpty() ? privilege : privilege + " (" + String.join(", ", columns) + ")";
  }

  /** The same, limited to some of its columns. */
  ObjectPrivilege of(List<String> some) {
    return new ObjectPrivilege(kind, object, privilege, some);
  }
}
