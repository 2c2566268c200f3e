package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/**
 * Writes to the first partition of a topic under the id of another producer. The broker then
 * expects other sequence numbers of that producer, or a newer epoch. Kafka's client cannot do this.
 */
final class ProducerDouble {
  /** The version of the produce request; later versions do not name topics by their names. */
  private static final short VERSION = 12;

  private static final int TIMEOUT_MILLIS = 20_000;

  private final String host;
  private final int port;

  ProducerDouble(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** Writes {@code count} records under the id of the producer, with its next sequence numbers. */
  void writeInTheNameOf(ProducerState producer, String topic, int count) throws IOException {
    write(
        topic, producer.producerId(), producer.producerEpoch(), producer.lastSequence() + 1, count);
  }

  /** Writes a record under the id of the producer, with a newer epoch. */
  void writeAsASuccessorOf(ProducerState producer, String topic) throws IOException {
    write(topic, producer.producerId(), producer.producerEpoch() + 1, 0, 1);
  }

  private void write(String topic, long producerId, int epoch, int sequence, int count)
      throws IOException {
    // The broker takes this time for the time of the producer's last record.
    long now = System.currentTimeMillis();
    var records =
        MemoryRecords.withIdempotentRecords(
            Compression.NONE,
            producerId,
            (short) epoch,
            sequence,
            IntStream.range(0, count)
                .mapToObj(i -> new SimpleRecord(now, "double".getBytes(UTF_8)))
                .toArray(SimpleRecord[]::new));
    var partition = new PartitionProduceData().setIndex(0).setRecords(records);
    var topics = new TopicProduceDataCollection();
    topics.add(new TopicProduceData().setName(topic).setPartitionData(List.of(partition)));
    var data =
        new ProduceRequestData()
            .setAcks((short) -1)
            .setTimeoutMs(TIMEOUT_MILLIS)
            .setTopicData(topics);
    var error = send(new ProduceRequest(data, VERSION));
    if (error != Errors.NONE) {
      throw error.exception();
    }
  }

  private Errors send(ProduceRequest request) throws IOException {
    try (var socket = new Socket(host, port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var bytes =
          request.serializeWithHeader(new RequestHeader(ApiKeys.PRODUCE, VERSION, "double", 1));
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(bytes.remaining());
      out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      out.flush();
      var in = new DataInputStream(socket.getInputStream());
      var answer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
      ResponseHeader.parse(answer, ApiKeys.PRODUCE.responseHeaderVersion(VERSION));
      var response = ProduceResponse.parse(new ByteBufferAccessor(answer), VERSION);
      var code =
          response.data().responses().iterator().next().partitionResponses().get(0).errorCode();
      return Errors.forCode(code);
    }
  }
}
