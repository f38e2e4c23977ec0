// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
  private static RabbitSettings.Builder settings() {
    return RabbitSettings.builder("rabbit", "tu", Secret.of("hunter2"));
  }

  @Test
  void anAddressSourceIsAskedBeforeEachAttempt() {
    AtomicInteger port = new AtomicInteger(5671);
    RabbitSettings settings =
        RabbitSettings.builder(
                () -> InetSocketAddress.createUnresolved("127.0.0.1", port.incrementAndGet()),
                "user",
                Secret.of("pw"))
            .build();
    assertThat(settings.addressFor(0)).hasToString("127.0.0.1:5672");
    assertThat(settings.addressFor(1)).hasToString("127.0.0.1:5673");
    assertThat(settings).asString().contains("its address source").doesNotContain("pw");
  }

  @Test
  void anAddressSourceThatFailsMakesTheBrokerUnavailable() {
    RabbitSettings settings =
        RabbitSettings.builder(
                () -> {
                  throw new IOException("no pod");
                },
                "user",
                Secret.of("pw"))
            .build();
    assertThatThrownBy(() -> settings.addressFor(0))
        .isInstanceOf(RabbitUnavailableException.class)
        .hasMessageContaining("address source has failed")
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void anAddressSourceStandsAlone() {
    RabbitSettings.Builder builder =
        RabbitSettings.builder(
            () -> InetSocketAddress.createUnresolved("h", 1), "user", Secret.of("pw"));
    assertThatThrownBy(() -> builder.port(5672)).hasMessageContaining("beside an address source");
    assertThatThrownBy(() -> builder.address("h", 5672))
        .hasMessageContaining("beside an address source");
  }

  @Test
  void settingsNeverShowThePassword() {
    assertThat(settings().build().toString()).doesNotContain("hunter2").contains("rabbit", "tu");
  }

  @Test
  void aUriIsReadWithItsEncodedParts() {
    RabbitSettings read = RabbitSettings.fromUri("amqp://u%40x:p%3a%2F+s@host:1234/a%2fb").build();
    assertThat(read.user()).isEqualTo("u@x");
    assertThat(read.credentials().password().reveal()).isEqualTo("p:/+s");
    assertThat(read.addressFor(0).host()).isEqualTo("host");
    assertThat(read.addressFor(0).port()).isEqualTo(1234);
    assertThat(read.virtualHost()).isEqualTo("a/b");
    assertThat(read.tls()).isEmpty();
  }

  @Test
  void aUriWithoutPathMeansTheDefaultVirtualHostAndASlashTheEmptyOne() {
    assertThat(RabbitSettings.fromUri("amqp://u:p@h").build().virtualHost()).isEqualTo("/");
    assertThat(RabbitSettings.fromUri("amqp://u:p@h/").build().virtualHost()).isEmpty();
    assertThat(RabbitSettings.fromUri("amqp://u:p@h").build().addressFor(0).port()).isEqualTo(5672);
    RabbitSettings secure = RabbitSettings.fromUri("amqps://u:p@h").build();
    assertThat(secure.addressFor(0).port()).isEqualTo(5671);
    assertThat(secure.tls()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://u:hunter2@h",
        "amqp://h",
        "amqp://hunter2@h",
        "amqp://u:hunter2@h/a/b",
        "amqp://u:hunter2 @h",
        "amqp://u:hunter2%zz@h",
        "hunter2"
      })
  void aBadUriIsRefusedWithoutShowingIt(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RabbitSettings.fromUri(uri))
        .withMessageContaining("RabbitMQ URI")
        .satisfies(
            e -> {
              assertThat(e.getMessage()).doesNotContain("hunter2");
              assertThat(e.getCause()).isNull();
            });
  }

  @Test
  void aBadOptionIsRefusedAtOnceWithItsValueAndBound() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().port(0))
        .withMessageContaining("port is 0, expected 1 to 65535");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().heartbeat(Duration.ofMillis(1500)))
        .withMessageContaining("whole seconds");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().rpcTimeout(Duration.ZERO))
        .withMessageContaining("rpcTimeout is PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChannelSpec.consuming("c", "q", 0, Map.of()))
        .withMessageContaining("prefetch is 0");
  }

  @Test
  void queueOptionsThatDoNotFitTogetherAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Topology.builder().queue("q", q -> q.classic().deliveryLimit(3)))
        .withMessageContaining("deliveryLimit needs a quorum queue");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Topology.builder().queue("q", q -> q.maxAge(Duration.ofDays(1))))
        .withMessageContaining("maxAge needs a stream queue");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Topology.builder().queue("q", q -> q.stream().deadLetterTo("d")))
        .withMessageContaining("x-dead-letter-exchange");
    assertThatIllegalArgumentException().isThrownBy(() -> Topology.builder().queue(""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Topology.builder().fanout("ü".repeat(128)));
  }

  @Test
  void oneNameInTwoWaysIsAConflictBeforeAnyBrokerIsAsked() {
    Topology.Builder builder = Topology.builder().fanout("x").queue("q").fanout("x").queue("q");
    assertThatExceptionOfType(TopologyConflictException.class)
        .isThrownBy(() -> builder.direct("x"))
        .withMessageContaining("fanout")
        .withMessageContaining("direct");
    assertThatExceptionOfType(TopologyConflictException.class)
        .isThrownBy(
            () ->
                builder.build().plus(Topology.builder().queue("q", QueueOptions::classic).build()));
  }

  @Test
  void aMessageIsImmutableAndShowsNeitherBodyNorHeaderValues() {
    Message first = Message.of("hunter2".getBytes(StandardCharsets.UTF_8)).header("a", "hunter2");
    Message second = first.header("b", 1).routingKey("key");
    assertThat(first.headers()).containsOnlyKeys("a");
    assertThat(first.routingKey()).isEmpty();
    assertThat(second.headers()).containsOnlyKeys("a", "b");
    assertThat(second.toString()).doesNotContain("hunter2").contains("7 bytes", "key", "[a, b]");
  }
}
