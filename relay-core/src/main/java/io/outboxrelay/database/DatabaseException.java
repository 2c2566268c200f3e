package io.outboxrelay.database;

import io.outboxrelay.settings.SecretFileException;
import io.vertx.pgclient.PgException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A failure of the database, with a subclass for each reaction of the relay.
 *
 * <p>The message tells an operator which database it is and what was seen; a {@link Refused} from
 * the server also says what to do.
 */
public abstract sealed class DatabaseException extends RuntimeException {
  /** SQL states of a parameter that is unknown, has a bad value, or is refused by a pooler. */
  private static final Set<String> PARAMETERS = Set.of("42704", "22023", "08P01");

  /** Matches the text that the native transport puts in front of the reason. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

  /** The client's messages for a TLS failure of which the client does not pass on the cause. */
  private static final Set<String> TLS =
      Set.of("SSL handshake failed", "Postgres Server does not handle SSL connection");

  /** SQL states of a user or password that the server does not accept. */
  private static final Set<String> CREDENTIALS = Set.of("28P01", "28000");

  private final boolean ofCredentials;

  private DatabaseException(String message, @Nullable Throwable cause, boolean ofCredentials) {
    super(message, cause, false, false);
    this.ofCredentials = ofCredentials;
  }

  /**
   * Returns true if the server did not accept the user or the password, or if they could not be
   * read. If they have worked before, the relay treats this as an outage, because an operator may
   * be replacing them at the moment.
   */
  public boolean isOfCredentials() {
    return ofCredentials;
  }

  /** Try again: the server is not reachable, not ready, or has no free connection now. */
  public static final class Unreachable extends DatabaseException {
    Unreachable(String message, @Nullable Throwable cause, boolean ofCredentials) {
      super(message, cause, ofCredentials);
    }
  }

  /** Stop and report: trying again does not help until an operator has fixed the cause. */
  public static final class Refused extends DatabaseException {
    Refused(String message, @Nullable Throwable cause, boolean ofCredentials) {
      super(message, cause, ofCredentials);
    }
  }

  /**
   * Creates the failure for a condition in the database that the relay itself has found and cannot
   * fix. The sentence becomes the whole message.
   */
  public static DatabaseException refused(String sentence) {
    return new Refused(sentence, null, false);
  }

  /** Creates the failure for a password file that cannot be used now. */
  static DatabaseException unreadable(DatabaseConfig config, SecretFileException failure) {
    return new Refused(
        config.summary() + " is not contacted: " + failure.getMessage(), failure, true);
  }

  /** Creates the failure for a server that does not meet the {@link TargetSession} of the URI. */
  static DatabaseException unwanted(DatabaseConfig config, String objection) {
    return new Unreachable(config.summary() + " " + objection, null, false);
  }

  /** Combines the failures of several servers that were tried in turn. */
  static DatabaseException ofAll(List<DatabaseException> failures) {
    if (failures.size() == 1) {
      return failures.get(0);
    }
    String sentence =
        "none of the servers in database.uri can be used: "
            + failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
    boolean ofCredentials = failures.stream().anyMatch(DatabaseException::isOfCredentials);
    return failures.stream().allMatch(Refused.class::isInstance)
        ? new Refused(sentence, failures.get(0), ofCredentials)
        : new Unreachable(sentence, failures.get(0), ofCredentials);
  }

  /** Classifies a failure of a connection to, or a query on, the configured database. */
  public static DatabaseException of(DatabaseConfig config, Throwable failure) {
    if (failure instanceof DatabaseException known) {
      return known;
    }
    String remedy = remedy(failure);
    String seen = config.summary() + " " + seen(failure);
    boolean ofCredentials =
        failure instanceof PgException answer && CREDENTIALS.contains(answer.getSqlState());
    return remedy == null
        ? new Unreachable(seen, failure, ofCredentials)
        : new Refused(seen + remedy, failure, ofCredentials);
  }

  /**
   * Classifies a failure while connecting. It differs from {@link #of}, because a wrong run-time
   * parameter can be the cause as well.
   */
  static DatabaseException whenConnecting(DatabaseConfig config, Throwable failure) {
    if (failure instanceof PgException answer && PARAMETERS.contains(answer.getSqlState())) {
      return new Refused(
          config.summary() + " " + seen(failure) + "; check database.properties", failure, false);
    }
    if (failure instanceof PgException answer && "42501".equals(answer.getSqlState())) {
      return new Refused(
          config.summary()
              + " "
              + seen(failure)
              + "; a DBA has to run: grant connect on database \"%s\" to \"%s\""
                  .formatted(config.database(), config.user()),
          failure,
          false);
    }
    // If the server asks for a password, the client refuses to answer with an empty one.
    if (failure instanceof IllegalArgumentException && config.readPassword().isEmpty()) {
      return new Refused(
          config.summary()
              + " asks for a password, and none is set; set database.password or"
              + " database.password-file",
          failure,
          true);
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

  /** Returns the remedy if trying again does not help; null if trying again may help. */
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

  /**
   * Returns the remedy for an SQL state of appendix A of PostgreSQL's documentation; null if trying
   * again may help.
   */
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
