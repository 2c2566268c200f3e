package io.outboxrelay.relay;

import org.junit.jupiter.api.extension.ExtendWith;

/** Events from the log have the bytes that events from the table have. */
@ExtendWith(ReadingTheLog.class)
class RelayPayloadFromLogIT extends RelayPayloadIT {}
