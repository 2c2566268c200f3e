package io.outboxrelay.rabbitmq;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a message that depend on its format.
 *
 * @param contentType null if the message has none, because it has no payload
 */
record MessageContent(@Nullable String contentType, Map<String, Object> headers, Buffer body) {}
