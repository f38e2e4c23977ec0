// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.contracts.MalformedMessageException;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for svc-ai-vision-adapter: reads of photos in Kafka, waits as a model would, and writes
 * what it saw. It commits only what it has answered, so a photo may be answered twice and none is
 * left out. Settings: README.md of this folder.
 */
public final class VisionServiceStandIn implements ServiceMain.Service {
  private static final Logger log = LoggerFactory.getLogger(VisionServiceStandIn.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LONGEST_JOIN = Duration.ofMinutes(1);
  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);
  private static final int LONGEST_DELAY_MS = 60_000;

  private final String brokers;
  private final String clientId;
  private final Duration delay;
  private final CountDownLatch joined = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  private VisionServiceStandIn(String brokers, String clientId, Duration delay) {
    this.brokers = brokers;
    this.clientId = clientId;
    this.delay = delay;
    this.thread = FabricThreads.named("stand-ins", "vision").newThread(this::work);
  }

  /**
   * Runs it until the process is told to end.
   *
   * @param args none
   */
  public static void main(String[] args) {
    ServiceMain.run(
        Wire.Services.AI_VISION_ADAPTER,
        environment -> {
          Supplier<String> brokers = environment.text("KAFKA_BROKERS").required();
          Supplier<String> clientId =
              environment.text("KAFKA_CLIENT_ID").orElse(Wire.Services.AI_VISION_ADAPTER);
          Supplier<Integer> delay = delay(environment);
          environment.verify();
          return open(brokers.get(), clientId.get(), Duration.ofMillis(delay.get()));
        });
  }

  /** Starts it and waits until photos are its own to read; it works on a thread of its own. */
  static VisionServiceStandIn open(String brokers, String clientId, Duration delay) {
    KafkaTopics.ensure(brokers, clientId);
    VisionServiceStandIn service = new VisionServiceStandIn(brokers, clientId, delay);
    service.thread.start();
    service.awaitJoined();
    return service;
  }

  private void awaitJoined() {
    try {
      if (joined.await(LONGEST_JOIN.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
    throw new IllegalStateException(
        "vision: no partition of " + Wire.Topics.IMAGES_UPLOADED + " within " + LONGEST_JOIN);
  }

  @Override
  public int port() {
    return 0;
  }

  /** Ends the work after the photos in hand, within ten seconds. Closing twice does nothing. */
  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join(LONGEST_CLOSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Supplier<Integer> delay(Environment environment) {
    return environment
        .value(
            "STANDIN_VISION_DELAY_MS",
            "milliseconds, 0 to " + LONGEST_DELAY_MS,
            text -> {
              int millis = Integer.parseInt(text);
              if (millis < 0 || millis > LONGEST_DELAY_MS) {
                throw new IllegalArgumentException("out of bounds");
              }
              return millis;
            })
        .orElse(300);
  }

  /** A failure begins anew at the last commit: whatever was not answered is read again. */
  private void work() {
    while (!isStopped(Duration.ZERO)) {
      try (Producer<byte[], byte[]> producer = KafkaUploadedImages.producer(brokers, clientId);
          Consumer<byte[], byte[]> consumer = consumer()) {
        consumer.subscribe(List.of(Wire.Topics.IMAGES_UPLOADED), new JoinListener());
        while (!isStopped(Duration.ZERO)) {
          ConsumerRecords<byte[], byte[]> photos = consumer.poll(POLL);
          // One wait for all that came together, as a service with many workers has it.
          if (photos.isEmpty() || isStopped(delay)) {
            continue;
          }
          answer(photos, producer);
          consumer.commitSync();
        }
      } catch (ExecutionException | RuntimeException e) {
        log.error("vision: begins anew at the last commit", e);
        isStopped(PAUSE_AFTER_FAILURE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void answer(
      ConsumerRecords<byte[], byte[]> photos, Producer<byte[], byte[]> producer)
      throws ExecutionException, InterruptedException {
    List<Future<RecordMetadata>> answers = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> photo : photos) {
      recognise(photo).ifPresent(answer -> answers.add(producer.send(answer)));
    }
    for (Future<RecordMetadata> answer : answers) {
      // Bounded by the producer's delivery timeout.
      answer.get();
    }
  }

  private static Optional<ProducerRecord<byte[], byte[]>> recognise(
      ConsumerRecord<byte[], byte[]> photo) {
    Journey journey = Journey.from(photo.headers());
    try {
      ImageUploaded image = ContractCodec.decode(photo.value(), ImageUploaded.class);
      byte[] answer = ContractCodec.encode(MachineCatalogue.recognise(image));
      log.info("photo recognised: objectKey={} correlationId={}", image.objectKey(), journey.id());
      return Optional.of(
          new ProducerRecord<>(
              Wire.Topics.RECOGNITION_COMPLETED,
              null,
              photo.key(),
              answer,
              journey.headers(
                  Wire.Schemas.RECOGNITION_COMPLETED, Wire.Services.AI_VISION_ADAPTER)));
    } catch (MalformedMessageException e) {
      // The same bytes fail again; the photos behind it must not wait for that.
      log.warn(
          "photo skipped: {}-{}@{} correlationId={}",
          photo.topic(),
          photo.partition(),
          photo.offset(),
          journey.id(),
          e);
      return Optional.empty();
    }
  }

  private boolean isStopped(Duration wait) {
    try {
      return stopped.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Two of them share the topic; what matters at the start is to have been given a share. */
  private final class JoinListener implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      joined.countDown();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      // What was answered is committed already; the rest is for whoever reads it next.
    }
  }

  private Consumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            brokers,
            ConsumerConfig.CLIENT_ID_CONFIG,
            clientId,
            ConsumerConfig.GROUP_ID_CONFIG,
            Wire.Services.AI_VISION_ADAPTER,
            // A killed one's partitions are given away after this time.
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
            (int) SESSION_TIMEOUT.toMillis(),
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            false),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }
}
