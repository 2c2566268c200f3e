package io.outboxrelay.relay;

import org.junit.jupiter.api.extension.ExtendWith;

/** Pauses hold back events from the log as they do events from the table. */
@ExtendWith(ReadingTheLog.class)
class RelayPauseFromLogIT extends RelayPauseIT {}
