// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.trackunit.fabric.testkit.brokers.FreePorts;
import com.trackunit.fabric.testkit.brokers.GuardedProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Kafka Connect 3.8.1, standalone, in a process of its own, with the RabbitMQ connectors that Maven
 * Central has; each run is a connector, made and deleted over Connect's own HTTP. It starts with
 * its first run. Not thread-safe.
 */
final class ConnectWorker implements Starter, AutoCloseable {
  private static final String CONNECTORS = "com.github.jcustenborder.kafka.connect.rabbitmq.";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_EVERY_NANOS = Duration.ofMillis(100).toNanos();
  private static final int REFUSED = 400;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path target;
  private final int port = FreePorts.next();
  private @Nullable GuardedProcess worker;

  /**
   * A worker that does not run yet.
   *
   * @param folder its module, with its class path in {@code target/classpath.txt}
   */
  ConnectWorker(Path folder) {
    this.target = folder.resolve("target");
  }

  @Override
  public AutoCloseable start(Site site, Flow flow) throws Exception {
    if (worker == null || !worker.isAlive()) {
      worker = launch(site);
    }
    Map<String, String> config = connector(site, flow);
    tell("PUT", "/connectors/" + flow.id() + "/config", json(config));
    return () -> tell("DELETE", "/connectors/" + flow.id(), "");
  }

  private static Map<String, String> connector(Site site, Flow flow) {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("tasks.max", "1");
    config.put("rabbitmq.host", site.host());
    config.put("rabbitmq.port", String.valueOf(site.port()));
    config.put("rabbitmq.username", site.user());
    config.put("rabbitmq.password", site.password().reveal());
    if (flow.cell().toRabbit()) {
      config.put("connector.class", CONNECTORS + "RabbitMQSinkConnector");
      config.put("topics", flow.topic());
      config.put("rabbitmq.exchange", flow.queue());
      config.put("rabbitmq.routing.key", "none");
    } else {
      config.put("connector.class", CONNECTORS + "RabbitMQSourceConnector");
      config.put("kafka.topic", flow.topic());
      config.put("rabbitmq.queue", flow.queue());
      config.put("rabbitmq.prefetch.count", String.valueOf(flow.cell().window()));
      // Its record is one of its own kind: the routing key and the body out of it.
      String connect = "org.apache.kafka.connect.transforms.";
      config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
      config.put("transforms", "envelope,inside,key,body");
      config.put("transforms.envelope.type", connect + "ValueToKey");
      config.put("transforms.envelope.fields", "envelope");
      config.put("transforms.inside.type", connect + "ExtractField$Key");
      config.put("transforms.inside.field", "envelope");
      config.put("transforms.key.type", connect + "ExtractField$Key");
      config.put("transforms.key.field", "routingKey");
      config.put("transforms.body.type", connect + "ExtractField$Value");
      config.put("transforms.body.field", "body");
    }
    return config;
  }

  private GuardedProcess launch(Site site) throws Exception {
    Path offsets = target.resolve("connect.offsets").toAbsolutePath();
    Files.deleteIfExists(offsets);
    StringJoiner lines = new StringJoiner("\n");
    lines.add("bootstrap.servers=" + site.kafka());
    lines.add("listeners=http://127.0.0.1:" + port);
    lines.add("key.converter=org.apache.kafka.connect.converters.ByteArrayConverter");
    lines.add("value.converter=org.apache.kafka.connect.converters.ByteArrayConverter");
    lines.add("offset.storage.file.filename=" + offsets);
    lines.add("offset.flush.interval.ms=500");
    lines.add("consumer.max.poll.records=1000");
    lines.add("consumer.isolation.level=read_committed");
    site.producer().forEach((name, value) -> lines.add("producer." + name + "=" + value));
    Path properties = target.resolve("connect.properties").toAbsolutePath();
    Files.writeString(properties, lines + "\n");
    GuardedProcess started =
        GuardedProcess.builder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                Files.readString(target.resolve("classpath.txt")).strip(),
                "org.apache.kafka.connect.cli.ConnectStandalone",
                properties.toString())
            .name("Kafka Connect")
            .outputFile(target.resolve("connect.log").toAbsolutePath())
            .start();
    awaitStarted(started);
    return started;
  }

  private void awaitStarted(GuardedProcess started) throws InterruptedException, IOException {
    long begun = System.nanoTime();
    while (true) {
      try {
        tell("GET", "/connectors", "");
        return;
      } catch (IOException e) {
        if (!started.isAlive() || System.nanoTime() - begun > PATIENCE.toNanos()) {
          started.close();
          throw new IOException("Kafka Connect does not start, see its log in " + target, e);
        }
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
    }
  }

  private void tell(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .timeout(PATIENCE)
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= REFUSED) {
      throw new IOException("Kafka Connect, " + method + " " + path + ": " + answer.body());
    }
  }

  /** No value here has anything to escape. */
  private static String json(Map<String, String> config) {
    StringJoiner members = new StringJoiner(", ", "{", "}");
    config.forEach((name, value) -> members.add("\"" + name + "\": \"" + value + "\""));
    return members.toString();
  }

  @Override
  public void close() {
    if (worker != null) {
      worker.close();
    }
  }
}
