package io.outboxrelay.messageformat;

import io.cloudevents.CloudEventData;
import io.vertx.core.buffer.Buffer;

/** A payload as data of a CloudEvent; its bytes are copied only if {@link #toBytes} is called. */
record PayloadData(Buffer payload) implements CloudEventData {
  @Override
  public byte[] toBytes() {
    return payload.getBytes();
  }
}
