package io.outboxrelay.relay;

import org.junit.jupiter.api.extension.ExtendWith;

/** Rejected events from the log park and resume like those from the table. */
@ExtendWith(ReadingTheLog.class)
class RelayRejectedFromLogIT extends RelayRejectedIT {}
