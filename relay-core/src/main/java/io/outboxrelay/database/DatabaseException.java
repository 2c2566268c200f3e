package io.outboxrelay.database;

import io.vertx.pgclient.PgException;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why the database did not do what it was asked, named after what the relay does about it.
 *
 * <p>The message is a sentence for an operator: which database, what was seen, and what to do.
 */
public abstract sealed class DatabaseException extends RuntimeException {
  /** States of a parameter that is unknown, has a bad value, or that a pooler does not let pass. */
  private static final Set<String> PARAMETERS = Set.of("42704", "22023", "08P01");

  /** What the native transport says before the reason. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

  /** How the client puts it where it does not hand on what went wrong. */
  private static final Set<String> TLS =
      Set.of("SSL handshake failed", "Postgres Server does not handle SSL connection");

  private DatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /** Try again: the server is not there, not yet there, or has no room at the moment. */
  public static final class Unreachable extends DatabaseException {
    Unreachable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Stop and say so: trying again is no use until somebody has mended something. */
  public static final class Refused extends DatabaseException {
    Refused(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** For what the relay itself finds in the database and cannot mend; a sentence that says all. */
  public static DatabaseException refused(String sentence) {
    return new Refused(sentence, null);
  }

  /** What {@code failure} of a connection to, or a query on, the configured database means. */
  public static DatabaseException of(DatabaseConfig config, Throwable failure) {
    if (failure instanceof DatabaseException known) {
      return known;
    }
    String remedy = remedy(failure);
    String seen = config.summary() + " " + seen(failure);
    return remedy == null ? new Unreachable(seen, failure) : new Refused(seen + remedy, failure);
  }

  /** Like {@link #of}, of the first words with the server: run-time parameters can be wrong too. */
  static DatabaseException whenConnecting(DatabaseConfig config, Throwable failure) {
    if (failure instanceof PgException answer && PARAMETERS.contains(answer.getSqlState())) {
      return new Refused(
          config.summary() + " " + seen(failure) + "; check database.properties", failure);
    }
    if (failure instanceof PgException answer && "42501".equals(answer.getSqlState())) {
      return new Refused(
          config.summary()
              + " "
              + seen(failure)
              + "; a DBA has to run: grant connect on database \"%s\" to \"%s\""
                  .formatted(config.database(), config.user()),
          failure);
    }
    return of(config, failure);
  }

  private static String seen(Throwable failure) {
    return failure instanceof PgException answer
        ? "says: " + answer.getErrorMessage()
        : "cannot be reached: " + said(failure);
  }

  private static String said(Throwable failure) {
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : SYSTEM_CALL.matcher(message).replaceFirst("");
  }

  /** What to do where trying again is no use; null where it is. */
  private static @Nullable String remedy(Throwable failure) {
    if (failure instanceof PgException answer) {
      return remedy(answer.getSqlState());
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof GeneralSecurityException
          || cause instanceof SSLException
          || TLS.contains(String.valueOf(cause.getMessage()))) {
        return "; check database.tls";
      }
    }
    return null;
  }

  /** By the states of PostgreSQL's appendix A. */
  private static @Nullable String remedy(String state) {
    return switch (state) {
      case "28P01", "28000" -> "; check database.uri and database.password";
      case "3D000" -> "; check database.uri";
      case "3F000", "42P01", "42703", "42883" -> "; run init to create or upgrade the outbox";
      case "42501" ->
          "; run check to see which privileges are missing, or which row-level security would hide"
              + " events";
      default -> null;
    };
  }
}
