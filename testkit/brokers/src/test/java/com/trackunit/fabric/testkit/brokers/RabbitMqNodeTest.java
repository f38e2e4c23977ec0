// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("broker")
@ExtendWith(NoLeaks.class)
class RabbitMqNodeTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static RabbitMqNode rabbit;
  private final String queue = "queue-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    rabbit = RabbitMqNode.start();
  }

  @AfterAll
  static void close() throws IOException {
    Path folder = rabbit.dataFolder();
    assertThat(Processes.mentioning(folder.toString())).isNotEmpty();
    rabbit.close();
    rabbit.close();
    assertThat(Processes.mentioning(folder.toString())).isEmpty();
    assertThat(folder).doesNotExist();
  }

  @Test
  void keepsDurableMessagesAndPortOverKillAndRestart() throws Exception {
    int port = rabbit.port();
    long born = System.nanoTime();
    publishDurably("before the crash");
    // RabbitMQ 3.10 writes what it knows of a new queue to disk some seconds later.
    await().atMost(LONG).until(() -> System.nanoTime() - born > 5_000_000_000L);
    rabbit.kill();
    assertThatThrownBy(() -> connect(rabbit)).isInstanceOf(IOException.class);
    rabbit.restart();
    assertThat(rabbit.port()).isEqualTo(port);
    assertThat(get()).isEqualTo("before the crash");
  }

  @Test
  void keepsDurableMessagesOverAnOrderlyRestart() throws Exception {
    publishDurably("before the stop");
    rabbit.restart();
    assertThat(get()).isEqualTo("before the stop");
  }

  @Test
  void frozenBrokerAnswersOnceThawed() throws Exception {
    try (Connection connection = connect(rabbit)) {
      Channel channel = connection.createChannel();
      rabbit.freeze();
      CompletableFuture<Void> declared =
          CompletableFuture.runAsync(
              () -> {
                try {
                  channel.queueDeclare(queue, false, true, true, Map.of());
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThatThrownBy(() -> declared.get(1, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(connection.isOpen()).isTrue();
      rabbit.thaw();
      declared.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void alarmsBlockAndUnblockPublishers() throws Exception {
    try (Connection connection = connect(rabbit)) {
      AtomicInteger blocked = new AtomicInteger();
      AtomicInteger unblocked = new AtomicInteger();
      connection.addBlockedListener(
          reason -> blocked.incrementAndGet(), unblocked::incrementAndGet);
      Channel channel = connection.createChannel();

      rabbit.memoryAlarm(true);
      channel.basicPublish("", "nowhere", null, new byte[1]);
      await().atMost(LONG).until(() -> blocked.get() == 1);
      rabbit.memoryAlarm(false);
      await().atMost(LONG).until(() -> unblocked.get() == 1);

      rabbit.diskAlarm(true);
      channel.basicPublish("", "nowhere", null, new byte[1]);
      await().atMost(LONG).until(() -> blocked.get() == 2);
      rabbit.diskAlarm(false);
      await().atMost(LONG).until(() -> unblocked.get() == 2);
    }
  }

  @Test
  void operatorClosesConnectionsWithAReason() throws Exception {
    try (Connection connection = connect(rabbit)) {
      rabbit.closeConnections("maintenance tonight");
      await().atMost(LONG).until(() -> !connection.isOpen());
      assertThat(connection.getCloseReason().getMessage())
          .contains("320")
          .contains("maintenance tonight");
    } catch (AlreadyClosedException expected) {
      // That is what closing it once more says.
      assertThat(expected).isNotNull();
    }
  }

  @Test
  void listensOnLoopbackOnly() throws Exception {
    Set<String> addresses =
        Processes.listening(Processes.mentioning(rabbit.dataFolder().toString()));
    // AMQP, distribution, port mapper (which adds IPv6's loopback).
    assertThat(addresses).hasSizeGreaterThanOrEqualTo(3).allMatch(Processes::isLoopback);
  }

  @Test
  void thereIsOneUserAndNoGuest() {
    assertThat(rabbit.user()).isNotEqualTo("guest");
    assertThat(rabbit.rabbitmqctl("list_users", "--no-table-headers").lines())
        .containsExactly(rabbit.user() + "\t[administrator]");
    ConnectionFactory guest = new ConnectionFactory();
    guest.setPort(rabbit.port());
    assertThatThrownBy(guest::newConnection).hasMessageContaining("ACCESS_REFUSED");
  }

  @Test
  void showsNoPassword() throws IOException {
    String password = rabbit.password().reveal();
    assertThat(rabbit.toString()).doesNotContain(password);
    assertThat(rabbit.amqpUri()).contains(password);
    assertThat(Files.readString(rabbit.logFile())).doesNotContain(password);
  }

  @Test
  void refusedCommandSaysWhatTheToolSaid() {
    assertThatThrownBy(() -> rabbit.rabbitmqctl("delete_user", "nobody-of-that-name"))
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("rabbitmqctl delete_user")
        .hasMessageContaining("expected 0");
  }

  @Test
  void twoNodesSideBySideDoNotSeeEachOther() throws Exception {
    try (RabbitMqNode other = RabbitMqNode.builder().setting("heartbeat", "7").start();
        Connection connection = connect(other)) {
      assertThat(connection.getHeartbeat()).isEqualTo(7);
      connection.createChannel().queueDeclare(queue, false, true, true, Map.of());
      assertThat(other.rabbitmqctl("list_queues", "name")).contains(queue);
      assertThat(rabbit.rabbitmqctl("list_queues", "name")).doesNotContain(queue);
      assertThat(other.port()).isNotEqualTo(rabbit.port());
    }
  }

  @Test
  void nodeThatDoesNotStartSaysWhy() {
    assertThatThrownBy(() -> RabbitMqNode.builder().setting("no_such_setting", "1").start())
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("start rabbitmq-server")
        .hasMessageContaining("no_such_setting");
  }

  @Test
  void missingServerSaysWhereItLooked(@TempDir Path empty) {
    assertThatThrownBy(() -> RabbitMqNode.builder().home(empty).start())
        .isInstanceOfSatisfying(
            ToolMissingException.class,
            missing -> assertThat(missing.tool()).isEqualTo("rabbitmq-server"))
        .hasMessageContaining(empty.toString());
  }

  @Test
  void mistakesAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RabbitMqNode.builder().startTimeout(Duration.ZERO))
        .withMessageContaining("startTimeout");
  }

  private void publishDurably(String text) throws Exception {
    try (Connection connection = connect(rabbit)) {
      Channel channel = connection.createChannel();
      channel.queueDeclare(queue, true, false, false, Map.of());
      channel.confirmSelect();
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
      channel.waitForConfirmsOrDie(LONG.toMillis());
    }
  }

  private String get() throws Exception {
    try (Connection connection = connect(rabbit)) {
      GetResponse response = connection.createChannel().basicGet(queue, true);
      return new String(response.getBody(), StandardCharsets.UTF_8);
    }
  }

  private static Connection connect(RabbitMqNode node) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(node.amqpUri());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }
}
