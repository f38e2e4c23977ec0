// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.trackunit.fabric.bridge.Route;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BridgeConfigurationTest {
  private static final Map<String, String> VARIABLES =
      Map.of("RABBIT_PASS", "hunter2", "KAFKA_BROKERS", "kafka:9092");

  @Test
  void aFileSaysEverythingThatARouteCanDo() {
    BridgeConfiguration read =
        read("""
                name: photos
                rabbit: {host: rabbit, port: 5673, user: u, password: "${RABBIT_PASS}", virtualHost: v}
                kafka: {brokers: "${KAFKA_BROKERS}", tls: "on", clientId: me}
                declareFanouts: [out]
                routes:
                  - from: {topicPattern: "a[.]b.*"}
                    to: {exchange: out}
                    name: everything
                    inFlight: {count: 7, bytes: 8}
                    onError: {action: deadLetter, to: dead, attempts: 2}
                    keyedByHeader: k
                    onlyWithHeader: {name: h, value: v}
                    maxHops: 3
                    cloudEvents: true
                    concurrency: 2
                  - from: {queue: q}
                    to: {topic: t}
                    guarantee: effectivelyOnce
                    missingIds: refuse
                    strictOrder: true
                """)
            .configuration()
            .orElseThrow();

    assertThat(read.name()).isEqualTo("photos");
    assertThat(read.fanouts()).containsExactly("out");
    assertThat(read.rabbit().toString()).contains("rabbit:5673").doesNotContain("hunter");
    assertThat(read.kafka().toString()).contains("kafka:9092", "me", "SSL");
    assertThat(read.routes())
        .extracting(Route::name, Route::isFromQueue, Route::isEffectivelyOnce, Route::inFlightCount)
        .containsExactly(tuple("everything", false, false, 7), tuple("q-to-t", true, true, 1));
  }

  @Test
  void everyMistakeIsToldWithItsLineAndNoSecretIs() {
    List<String> mistakes =
        read("""
                nmae: photos
                rabbit:
                  host: rabbit
                  host: other
                  port: 70000
                  user: ${NOBODY_SET_THIS}
                  password: hunter2
                kafka: {tls: maybe, brokers: 9092}
                routes:
                  - from: {topic: a, queue: b}
                    to: {exchange: x}
                    maxHops: many
                  - from: {topic: c}
                    to: {topic: x}
                    onError: {action: skip, to: dead}
                  - from: {queue: q}
                    inFlight: 5
                """)
            .mistakes();

    assertThat(mistakes)
        .containsExactlyInAnyOrder(
            "file.yaml line 1: nmae is unknown, expected one of [name, rabbit, kafka,"
                + " declareFanouts, routes]",
            "file.yaml line 4: rabbit.host is there twice, first in line 3",
            "file.yaml line 5: rabbit.port is '70000', expected a whole number, 1 to 65535",
            "file.yaml line 6: rabbit.user needs the variable NOBODY_SET_THIS, which is not set",
            "file.yaml line 7: rabbit.password is a secret and must not be in the file, expected a"
                + " reference such as ${RABBIT_PASS}",
            "file.yaml line 8: kafka.tls is 'maybe', expected on or off",
            "file.yaml line 8: kafka.brokers is '9092', expected text, not empty; quote what looks"
                + " like a number",
            "file.yaml line 10: routes[0].from has [topic, queue], expected exactly one of [topic,"
                + " topics, topicPattern, queue]",
            "file.yaml line 10: goes from a queue to an exchange, expected a topic",
            "file.yaml line 12: routes[0].maxHops is 'many', expected a whole number, 1 to 1000",
            "file.yaml line 13: goes from topics to a topic, expected an exchange",
            "file.yaml line 15: onError.to belongs to action deadLetter",
            "file.yaml line 16: routes[2] lacks to",
            "file.yaml line 17: routes[2].inFlight expected keys with values");
  }

  @Test
  void routesThatContradictEachOtherAreTold() {
    List<String> mistakes =
        read("""
                rabbit: {host: r, user: u, password: "${RABBIT_PASS}"}
                kafka: {brokers: k:9092, login: {user: u, password: "${UNSET:-}"}}
                routes:
                  - {from: {topic: a}, to: {exchange: x}}
                  - {from: {topic: a}, to: {exchange: x}, name: again}
                  - {from: {topic: b}, to: {exchange: x}, name: a-to-x}
                  - {from: {queue: q}, to: {topic: t}, strictOrder: true, inFlight: {count: 2}}
                  - {from: {queue: q}, to: {topic: u}, onError: {action: deadLetter, to: u}}
                  - {from: {topic: c}, to: {exchange: x}, guarantee: effectivelyOnce}
                  - {from: {topic: d}, to: {exchange: x}, missingIds: pass}
                  - {from: {topic: e}, to: {exchange: x}, onError: {action: deadLetter}}
                """)
            .mistakes();

    assertThat(mistakes)
        .satisfiesExactly(
            m -> assertThat(m).contains("line 2", "set both or neither"),
            m -> assertThat(m).contains("line 5", "the way of the route in line 4"),
            m -> assertThat(m).contains("line 6", "the name of the route in line 4"),
            m -> assertThat(m).contains("line 7", "strictOrder"),
            m -> assertThat(m).contains("line 8", "the topic that the route itself goes to"),
            m -> assertThat(m).contains("line 8", "reads the queue of the route in line 7"),
            m -> assertThat(m).contains("line 9", "effectivelyOnce"),
            m -> assertThat(m).contains("line 10", "missingIds"),
            m -> assertThat(m).contains("line 11", "lacks to"));
  }

  @Test
  void whatIsNoYamlIsToldWithItsLine() {
    assertThat(read("rabbit: {\nkafka: ]").mistakes())
        .singleElement()
        .asString()
        .startsWith("file.yaml line 2: no YAML: ");
    assertThat(read("").mistakes()).singleElement().asString().contains("is empty");
    assertThat(read("- a").mistakes()).singleElement().asString().contains("line 1: expected keys");
  }

  @Test
  void aRuleOfTheLibraryIsToldTheSameWay() {
    assertThat(
            read("""
                    rabbit: {host: r, user: u, password: "${RABBIT_PASS}"}
                    kafka:
                      brokers: "far:9092"
                      login: {mechanism: PLAIN, user: u, password: "${RABBIT_PASS}"}
                    routes: [{from: {topic: a}, to: {exchange: x}}]
                    """)
                .mistakes())
        .singleElement()
        .asString()
        .contains("PLAIN without TLS")
        .doesNotContain("hunter");
  }

  private static BridgeConfiguration.Result read(String text) {
    return BridgeConfiguration.read("file.yaml", text, VARIABLES::get);
  }
}
