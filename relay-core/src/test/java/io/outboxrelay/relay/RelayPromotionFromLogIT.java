package io.outboxrelay.relay;

import org.junit.jupiter.api.extension.ExtendWith;

/** A promoted standby has no slot, and its log goes back in time like the table. */
@ExtendWith(ReadingTheLog.class)
class RelayPromotionFromLogIT extends RelayPromotionIT {}
