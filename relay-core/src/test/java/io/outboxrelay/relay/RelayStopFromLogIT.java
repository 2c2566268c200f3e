package io.outboxrelay.relay;

import org.junit.jupiter.api.extension.ExtendWith;

/** A relay that reads the log stops as one that reads the table does. */
@ExtendWith(ReadingTheLog.class)
class RelayStopFromLogIT extends RelayStopIT {}
