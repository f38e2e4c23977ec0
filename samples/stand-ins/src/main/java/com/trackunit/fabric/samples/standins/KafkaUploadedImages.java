// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Tells of photos in topic {@code tu.images.uploaded}. Thread-safe. */
final class KafkaUploadedImages implements UploadedImages, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Producer<byte[], byte[]> producer;

  private KafkaUploadedImages(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  static KafkaUploadedImages open(String brokers, String clientId) {
    Producer<byte[], byte[]> producer = producer(brokers, clientId);
    // Connects now, so that the first photo need not wait for it.
    producer.partitionsFor(Wire.Topics.IMAGES_UPLOADED);
    return new KafkaUploadedImages(producer);
  }

  /** A producer that reports a record written only once every in-sync replica has it. */
  static Producer<byte[], byte[]> producer(String brokers, String clientId) {
    int patience = (int) PATIENCE.toMillis();
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            brokers,
            ProducerConfig.CLIENT_ID_CONFIG,
            clientId,
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            true,
            ProducerConfig.LINGER_MS_CONFIG,
            0,
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            patience,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            patience / 2,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            patience),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  @Override
  public void publish(ImageUploaded image, Journey journey) throws PublishFailedException {
    ProducerRecord<byte[], byte[]> news =
        new ProducerRecord<>(
            Wire.Topics.IMAGES_UPLOADED,
            null,
            image.objectKey().getBytes(StandardCharsets.UTF_8),
            ContractCodec.encode(image),
            journey.headers(Wire.Schemas.IMAGES_UPLOADED, Wire.Services.INGESTION));
    try {
      // The producer's own bounds end the wait; this one is for a producer that does not.
      producer.send(news).get(PATIENCE.toMillis() * 3, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw failed(image, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(image, e);
    }
  }

  @Override
  public void close() {
    producer.close(PATIENCE);
  }

  private static PublishFailedException failed(ImageUploaded image, Exception e) {
    return new PublishFailedException(
        Wire.Topics.IMAGES_UPLOADED + ": " + image.objectKey() + " was not acknowledged", e);
  }
}
