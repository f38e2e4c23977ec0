// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that change, against RabbitMQ's own OAuth 2 backend. */
@Tag("broker")
class CredentialsTest {
  @Test
  void tokensAreRefreshedBeforeTheyExpireAndAFailingSourceIsAskedAgain(@TempDir Path folder)
      throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    Path pem = folder.resolve("key.pem");
    Files.writeString(pem, pem(keys));
    AtomicInteger asked = new AtomicInteger();
    List<ResourceState> changes = new CopyOnWriteArrayList<>();
    try (RabbitMqNode node =
            RabbitMqNode.builder()
                .plugin("rabbitmq_auth_backend_oauth2")
                .setting("auth_backends.1", "rabbit_auth_backend_internal")
                .setting("auth_backends.2", "rabbit_auth_backend_oauth2")
                .setting("auth_oauth2.resource_server_id", "rabbitmq")
                .setting("auth_oauth2.default_key", "key1")
                .setting("auth_oauth2.signing_keys.key1", pem.toString())
                .start();
        RabbitMessaging rabbit =
            RabbitMessaging.open(
                RabbitSettings.builder(
                        node.host(),
                        () -> {
                          if (asked.incrementAndGet() == 3) {
                            throw new java.io.IOException("the token endpoint is away");
                          }
                          Instant end = Instant.now().plusSeconds(6);
                          return new Credentials("", token(keys, end), end);
                        })
                    .port(node.port())
                    .build())) {
      rabbit.addStateListener(change -> changes.add(change.to()));
      String queue = fresh("queue");
      rabbit.apply(Topology.builder().queue(queue).build());
      Publisher publisher = rabbit.publisher("").build();
      long start = System.nanoTime();
      await()
          .atMost(PATIENCE)
          .until(() -> System.nanoTime() - start > Duration.ofSeconds(14).toNanos());
      assertThat(publisher.publishAndWait(text("still let in").routingKey(queue), PATIENCE))
          .isEqualTo(new Confirmed());
      assertThat(asked).hasValueGreaterThan(4);
      assertThat(changes)
          .as("no connection was lost")
          .doesNotContain(ResourceState.RECOVERING, ResourceState.CLOSED);
    }
  }

  @Test
  void aSourceThatFailsIsABrokerThatCannotBeReachedAndNoSecretIsShown() {
    RabbitSettings settings =
        RabbitSettings.builder(
                "127.0.0.1",
                () -> {
                  throw new IllegalStateException("hunter2");
                })
            .openTimeout(Duration.ofMillis(300))
            .build();
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> RabbitMessaging.open(settings))
        .withMessageContaining("credential source")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    assertThat(settings.toString()).doesNotContain("hunter2");
  }

  @Test
  void theNextAddressIsTakenWhenOneIsAway() throws Exception {
    try (RabbitMqNode node = RabbitMqNode.start();
        RabbitMessaging rabbit =
            RabbitMessaging.open(
                RabbitSettings.builder(node.host(), node.user(), node.password())
                    .port(1)
                    .address(node.host(), node.port())
                    .openTimeout(PATIENCE)
                    .build())) {
      assertThat(rabbit.health().isUp()).isTrue();
      node.closeConnections("test");
      await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
    }
  }

  private static String pem(KeyPair keys) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getPublic().getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  private static Secret token(KeyPair keys, Instant end) throws Exception {
    String claims =
        """
        {"aud":["rabbitmq"],"exp":%d,"sub":"svc","scope":\
        ["rabbitmq.read:*/*","rabbitmq.write:*/*","rabbitmq.configure:*/*"]}\
        """
            .formatted(end.getEpochSecond());
    String head = base64("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"key1\"}");
    String signed = head + "." + base64(claims);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(keys.getPrivate());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return Secret.of(
        signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign()));
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
