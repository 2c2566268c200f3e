package io.outboxrelay.relay;

import org.junit.jupiter.api.extension.ExtendWith;

/** A promoted standby has no slot, and its log lacks the latest events like its table. */
@ExtendWith(ReadingTheLog.class)
class RelayPromotionFromLogIT extends RelayPromotionIT {}
