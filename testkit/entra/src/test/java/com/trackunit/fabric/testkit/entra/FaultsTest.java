// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private static final String KEYS = "/common/discovery/v2.0/keys";

  private static EntraStandIn entra;
  private static Http http;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.start();
    http = new Http(entra);
  }

  @AfterAll
  static void stop() {
    entra.close();
    entra.close();
  }

  @AfterEach
  void heal() {
    entra.heal();
  }

  @Test
  void rotationPublishesAFreshKeyAndKeepsTheFormerUntilItIsRetired() throws Exception {
    SigningKey former = entra.signingKey();
    SigningKey fresh = entra.rotateKeys();

    assertThat(entra.signingKey()).isSameAs(fresh);
    assertThat(http.get(KEYS).body()).contains(former.kid(), fresh.kid());

    entra.retireKey(former.kid());
    assertThat(http.get(KEYS).body()).contains(fresh.kid()).doesNotContain(former.kid());
    assertThatThrownBy(() -> entra.retireKey(former.kid()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void publishedKeysMayBeWeakOrShareAName() throws Exception {
    SigningKey weak = SigningKey.builder().bits(1024).build();
    SigningKey twin = SigningKey.builder().kid(weak.kid()).tenant(UUID.randomUUID()).build();
    entra.publishKey(weak);
    entra.publishKey(twin);

    assertThat(http.get(KEYS).body().split(weak.kid(), -1)).hasSizeGreaterThanOrEqualTo(3);
    entra.retireKey(weak.kid());
  }

  @Test
  void outageCutsConnectionsUntilItEnds() throws Exception {
    entra.outage(true);
    assertThatThrownBy(() -> http.get(KEYS)).isInstanceOf(IOException.class);

    entra.outage(false);
    assertThat(http.get(KEYS).statusCode()).isEqualTo(200);
  }

  @Test
  void delayHoldsTheAnswerBack() {
    entra.delay(Endpoint.KEYS_V2, Duration.ofMinutes(5));

    http.expectNoAnswerWithin(Duration.ofMillis(300), KEYS);
  }

  @Test
  void closingEndsADelayedAnswer() {
    EntraStandIn other = EntraStandIn.start();
    Http there = new Http(other);
    other.delay(Endpoint.KEYS_V2, Duration.ofMinutes(5));
    Thread closer =
        new Thread(
            () -> {
              while (other.requests(Endpoint.KEYS_V2) == 0) {
                Thread.onSpinWait();
              }
              other.close();
            });
    closer.setDaemon(true);
    closer.start();

    assertThatThrownBy(() -> there.get(KEYS)).isInstanceOf(IOException.class);
  }

  @Test
  void emptyKeySetHasNoKey() throws Exception {
    entra.fail(Endpoint.KEYS_V2, Fault.emptyKeySet());
    assertThat(JWKSet.parse(http.get(KEYS).body()).getKeys()).isEmpty();
  }

  @Test
  void invalidJsonIsCutInTheMiddle() {
    entra.fail(Endpoint.KEYS_V2, Fault.invalidJson());
    assertThatThrownBy(() -> JWKSet.parse(http.get(KEYS).body()))
        .isInstanceOf(ParseException.class);
  }

  @Test
  void oneBadKeyLeavesTheOthersInPlace() throws Exception {
    entra.fail(Endpoint.KEYS_V2, Fault.oneBadKey());
    assertThat(http.get(KEYS).body()).contains("\"kid\":\"bad\"", entra.signingKey().kid());
  }

  @Test
  void hugeBodyIsStillTheGoodOne() throws Exception {
    entra.fail(Endpoint.KEYS_V2, Fault.hugeBody(3_000_000));

    String body = http.get(KEYS).body();

    assertThat(body).hasSize(3_000_000);
    assertThat(JWKSet.parse(body).getKeys()).isNotEmpty();
  }

  @Test
  void slowBodyDripsByteByByte() {
    entra.fail(Endpoint.KEYS_V2, Fault.slowBody(Duration.ofSeconds(1)));
    http.expectNoAnswerWithin(Duration.ofMillis(500), KEYS);
  }

  @Test
  void redirectAndStatusAreAnsweredAsTold() throws Exception {
    entra.fail(Endpoint.KEYS_V2, Fault.redirect(URI.create("http://127.0.0.1/keys")));
    HttpResponse<String> redirect = http.get(KEYS);
    assertThat(redirect.statusCode()).isEqualTo(302);
    assertThat(redirect.headers().firstValue("Location")).contains("http://127.0.0.1/keys");

    entra.fail(Endpoint.KEYS_V2, Fault.status(500));
    assertThat(http.get(KEYS).statusCode()).isEqualTo(500);
  }

  @Test
  void rewritingChangesAnyDocument() throws Exception {
    entra.fail(Endpoint.DISCOVERY_V2, Fault.rewritten(body -> body.replace("https://", "http://")));

    assertThat(http.json("/common/v2.0/.well-known/openid-configuration").get("jwks_uri"))
        .asString()
        .startsWith("http://");
  }
}
