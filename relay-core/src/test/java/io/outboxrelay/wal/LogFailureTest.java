package io.outboxrelay.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class LogFailureTest {
  @Test
  void aSentenceOfTheServerBecomesAClause() {
    var refused =
        new IOException(
            "FATAL: must have the REPLICATION attribute\n  Detail: Only such roles may start a"
                + " WAL sender process.");
    assertThat(LogFailure.of(refused))
        .returns(LogFailure.Reason.CONNECTION, LogFailure::reason)
        .returns(
            "must have the REPLICATION attribute; Detail: Only such roles may start a WAL sender"
                + " process",
            LogFailure::sentence);
  }

  /** The driver appends position and context in lines of their own. */
  @Test
  void whereTheServerFailedIsLeftOut() {
    var missing =
        new PSQLException(
            "ERROR: publication \"outbox_relay_1\" does not exist\n  Where: slot \"s\", output"
                + " plugin \"pgoutput\"\n  in the change callback",
            PSQLState.UNDEFINED_OBJECT);
    assertThat(LogFailure.of(missing))
        .returns(LogFailure.Reason.PUBLICATION, LogFailure::reason)
        .returns("publication \"outbox_relay_1\" does not exist", LogFailure::sentence);
  }

  /** If a role has reached its own limit of connections, the setting does not help. */
  @Test
  void aRemedyIsGivenOnlyIfTheSettingIsNamed() {
    var limit =
        new PSQLException(
            new ServerErrorMessage("SFATAL\0C53300\0Mtoo many connections for role \"relay\"\0\0"));
    assertThat(LogFailure.of(limit))
        .returns(LogFailure.Reason.SENDERS, LogFailure::reason)
        .returns("", LogFailure::remedy);
  }
}
