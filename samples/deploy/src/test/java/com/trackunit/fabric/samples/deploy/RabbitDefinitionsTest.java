// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.trackunit.fabric.samples.bridge.MessagingBridgeService;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.Variables;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import com.trackunit.fabric.samples.orchestrator.AnalysisOrchestratorService;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The definitions that RabbitMQ is deployed with, and a set of secrets, in a real broker. */
@Tag("broker")
class RabbitDefinitionsTest {
  @TempDir static Path temp;

  private static RabbitMqNode rabbit;
  private static Map<String, String> passwords = Map.of();

  @BeforeAll
  static void start() throws Exception {
    Path secrets = temp.resolve("secrets");
    makeSecrets(secrets);
    passwords = new TreeMap<>();
    Path definitions = Files.createDirectory(temp.resolve("definitions"));
    for (Manifest secret : Manifests.read(secrets)) {
      Map<String, String> data = Manifest.texts(secret.tree().path("stringData"));
      if (data.containsKey("rabbit-user")) {
        passwords.put(data.get("rabbit-user"), data.get("rabbit-password"));
      }
      if (data.containsKey("00-users.json")) {
        Files.writeString(definitions.resolve("00-users.json"), data.get("00-users.json"));
      }
    }
    Files.copy(
        ProjectFolder.path().resolve("base/messaging/10-fabric.json"),
        definitions.resolve("10-fabric.json"));
    rabbit = RabbitMqNode.start();
    // What the broker itself does at its start, with load_definitions as in our rabbitmq.conf.
    String loaded =
        rabbit.rabbitmqctl(
            "eval",
            "application:set_env(rabbit, load_definitions, \""
                + definitions
                + "\"), {rabbit_definitions:has_configured_definitions_to_load(),"
                + " rabbit_definitions:maybe_load_definitions()}.");
    assertThat(loaded.strip()).isEqualTo("{true,ok}");
  }

  @AfterAll
  static void stop() {
    try (RabbitMqNode node = rabbit) {
      assertThat(node).isNotNull();
    }
  }

  @Test
  void theUsersAreTheServicesAndThereIsNoGuest() {
    assertThat(
            rabbit
                .rabbitmqctl("list_users", "--no-table-headers")
                .lines()
                .map(l -> l.split("\t", -1)[0]))
        .containsExactlyInAnyOrder(
            rabbit.user(),
            Wire.Services.GRAPH_GATEWAY,
            Wire.Services.ANALYSIS_ORCHESTRATOR,
            Wire.Services.MESSAGING_BRIDGE);
    assertThatThrownBy(() -> connect("guest", "guest"))
        .isInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  void exchangesAndQueuesAreThoseOfTheWire() {
    assertThat(rabbit.rabbitmqctl("list_exchanges", "name", "type", "--no-table-headers").lines())
        .contains(
            Wire.Exchanges.IMAGE_UPLOADED + "\tfanout",
            Wire.Exchanges.RECOGNITION_COMPLETED + "\tfanout",
            Wire.Exchanges.ANALYSIS_STARTED + "\tfanout",
            Wire.Exchanges.ANALYSIS_COMPLETED + "\tfanout",
            Wire.Exchanges.ANALYSIS_COMMANDS + "\tdirect");
    assertThat(rabbit.rabbitmqctl("list_queues", "name", "type", "--no-table-headers").lines())
        .contains(
            Wire.Queues.ORCHESTRATOR_IMAGE_UPLOADED + "\tquorum",
            Wire.Queues.ORCHESTRATOR_RECOGNITION_COMPLETED + "\tquorum",
            Wire.Queues.ORCHESTRATOR_ANALYSIS_COMMANDS + "\tquorum",
            Wire.Queues.ORCHESTRATOR_DEAD + "\tquorum",
            "graph-gateway.uploads\tstream");
  }

  /** Another definition of the same queue would be a conflict, and end the start. */
  @Test
  void theOrchestratorFindsWhatItWouldDeclare() {
    try (BackgroundService service =
        BackgroundService.start(
            Wire.Services.ANALYSIS_ORCHESTRATOR,
            Environment.of(environment(Wire.Services.ANALYSIS_ORCHESTRATOR)),
            AnalysisOrchestratorService::reader)) {
      service.open();
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(service::isReady);
    }
  }

  @Test
  void theBridgeFindsWhatItWouldDeclare() {
    Map<String, String> environment = environment(Wire.Services.MESSAGING_BRIDGE);
    environment.put(Variables.KAFKA_BROKERS, "127.0.0.1:1");
    try (BackgroundService service =
        BackgroundService.start(
            Wire.Services.MESSAGING_BRIDGE,
            Environment.of(environment),
            MessagingBridgeService::reader)) {
      service.open();
    }
  }

  @ParameterizedTest(name = "{0} may not {1} {2}")
  @CsvSource({
    "svc-messaging-bridge, publish, analysis.started",
    "svc-messaging-bridge, publish, analysis.commands",
    "svc-messaging-bridge, consume, orchestrator.image-uploaded",
    "svc-messaging-bridge, declare, svc-messaging-bridge.own",
    "svc-analysis-orchestrator, publish, tu.image.uploaded",
    "svc-analysis-orchestrator, publish, analysis.commands",
    "svc-analysis-orchestrator, consume, graph-gateway.uploads",
    "svc-analysis-orchestrator, declare, graph-gateway.spy",
    "graph-gateway, publish, analysis.completed",
    "graph-gateway, publish, tu.image.uploaded",
    "graph-gateway, consume, orchestrator.analysis.commands",
    "graph-gateway, declare, orchestrator.spy",
    "graph-gateway, delete, tu.image.uploaded",
  })
  void aServiceMayDoNoMoreThanItNeeds(String user, String action, String name) throws Exception {
    try (Connection connection = connect(user, passwords.getOrDefault(user, ""))) {
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      assertThatThrownBy(() -> act(channel, action, name))
          .satisfies(
              refusal -> {
                Throwable cause = refusal.getCause() == null ? refusal : refusal.getCause();
                assertThat(cause).isInstanceOf(ShutdownSignalException.class);
                AMQP.Channel.Close close =
                    (AMQP.Channel.Close) ((ShutdownSignalException) cause).getReason();
                assertThat(close.getReplyCode()).isEqualTo(AMQP.ACCESS_REFUSED);
              });
    }
  }

  private static void act(Channel channel, String action, String name) throws Exception {
    switch (action) {
      case "publish" -> {
        channel.basicPublish(name, "", null, new byte[0]);
        channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(30));
      }
      case "consume" -> {
        channel.basicQos(1);
        channel.basicConsume(name, (tag, delivery) -> {}, tag -> {});
      }
      case "declare" -> channel.queueDeclare(name, true, false, false, Map.of());
      case "delete" -> channel.exchangeDelete(name);
      default -> throw new IllegalArgumentException(action);
    }
  }

  private static Connection connect(String user, String password) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(rabbit.host());
    factory.setPort(rabbit.port());
    factory.setUsername(user);
    factory.setPassword(password);
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  private static Map<String, String> environment(String service) {
    Map<String, String> environment = new TreeMap<>();
    environment.put(Variables.RABBIT_HOST, rabbit.host());
    environment.put(Variables.RABBIT_PORT, Integer.toString(rabbit.port()));
    environment.put(Variables.RABBIT_USER, service);
    environment.put(Variables.RABBIT_PASS, passwords.getOrDefault(service, ""));
    environment.put(Variables.HTTP_HOST, "127.0.0.1");
    environment.put(Variables.HTTP_PORT, "0");
    return environment;
  }

  static void makeSecrets(Path folder) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(ProjectFolder.path().resolve("make-secrets").toString(), folder.toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }
}
