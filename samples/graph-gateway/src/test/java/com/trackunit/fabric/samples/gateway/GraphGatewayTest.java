// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.RabbitAccess;
import com.trackunit.fabric.samples.contracts.RecognitionCompleted;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.User;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two replicas on a real RabbitMQ, with tokens of the Entra stand-in. */
@Tag("broker")
final class GraphGatewayTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String START =
      "mutation { startUpload(filename: \"a.jpg\", contentType: \"image/jpeg\") "
          + "{ correlationId imageUploadPayload { key } } }";

  private static final App api = App.builder("api").scopes("analysis").build();
  private static final HttpClient http = HttpClient.newHttpClient();
  private static RabbitMqNode node;
  private static EntraStandIn entra;
  private static IngestionFake ingestion;
  private static User alice;
  private static User bob;
  private static RabbitMessaging orchestrator;
  private static Publisher started;
  private static Publisher completed;
  private static GraphGateway left;
  private static GraphGateway right;

  @BeforeAll
  static void start() {
    node = RabbitMqNode.start();
    entra = EntraStandIn.start();
    entra.tenant().register(api);
    alice = entra.tenant().addUser("Alice");
    bob = entra.tenant().addUser("Bob");
    ingestion = new IngestionFake();
    left = gateway("left");
    right = gateway("right");
    orchestrator =
        RabbitMessaging.open(
            RabbitSettings.builder(node.host(), node.user(), node.password())
                .port(node.port())
                .build());
    started = orchestrator.publisher(Wire.Exchanges.ANALYSIS_STARTED).build();
    completed = orchestrator.publisher(Wire.Exchanges.ANALYSIS_COMPLETED).build();
    awaitReady(left);
    awaitReady(right);
  }

  @AfterAll
  static void stop() {
    left.close();
    right.close();
    orchestrator.close();
    ingestion.close();
    entra.close();
    node.close();
  }

  @Test
  void anEventReachesItsOwnerOnEitherReplicaAndNobodyElse() {
    try (SocketClient onLeft = subscribed(left, alice);
        SocketClient onRight = subscribed(right, alice);
        SocketClient stranger = subscribed(right, bob)) {
      JsonNode upload = startUpload(left, alice, "the-way-1");
      String key = upload.at("/imageUploadPayload/key").asText();
      assertThat(upload.path("correlationId").asText()).isEqualTo("the-way-1");

      publishStarted(key, "the-way-1", UUID.randomUUID().toString());
      publishCompleted(key, "the-way-1");
      for (SocketClient client : List.of(onLeft, onRight)) {
        JsonNode first = client.expect("next").at("/payload/data/onAnalysisStarted");
        assertThat(first.path("objectKey").asText()).isEqualTo(key);
        assertThat(first.path("correlationId").asText()).isEqualTo("the-way-1");
        JsonNode second = client.expect("next").at("/payload/data/onAnalysisCompleted");
        assertThat(second.path("success").asBoolean()).isTrue();
        assertThat(second.at("/recognitionPayload/aggregate/brand").asText()).isEqualTo("Volvo");
        assertThat(second.at("/recognitionPayload/aggregate/isConfident").asBoolean()).isTrue();
      }
      stranger.subscribe("p", "{ ping }");
      assertThat(stranger.expect("next").path("id").asText()).isEqualTo("p");
    }
  }

  @Test
  void aRepeatedMessageIsHandedOnOnce() {
    try (SocketClient client = subscribed(right, alice)) {
      String key = startUpload(left, alice, "twice").at("/imageUploadPayload/key").asText();
      String id = UUID.randomUUID().toString();
      publishStarted(key, "twice", id);
      publishStarted(key, "twice", id);
      publishCompleted(key, "twice");
      client.expect("next");
      assertThat(client.expect("next").at("/payload/data/onAnalysisCompleted").isObject()).isTrue();
    }
  }

  @Test
  void anEventAheadOfTheNewsOfItsOwnerWaits() {
    try (SocketClient client = subscribed(right, alice)) {
      String key = "images/2026/11/23/" + UUID.randomUUID() + ".jpg";
      publishStarted(key, "early", UUID.randomUUID().toString());
      ingestion.nextKey.set(key);
      startUpload(left, alice, "early");
      assertThat(client.expect("next").at("/payload/data/onAnalysisStarted/objectKey").asText())
          .isEqualTo(key);
    }
  }

  @Test
  void oneCorrelationIdGoesToTheIngestionServiceWithTheKey() {
    startUpload(left, alice, "hop-by-hop");
    RecordedRequest request =
        ingestion.requests.stream()
            .filter(each -> "hop-by-hop".equals(each.getHeaders().get("x-correlation-id")))
            .findFirst()
            .orElseThrow();
    assertThat(request.getHeaders().get("X-Internal-Access")).isEqualTo(IngestionFake.KEY);
    assertThat(request.getHeaders().get("Authorization")).isNull();
    assertThat(request.getHeaders().get("traceparent")).startsWith("00-");
  }

  @Test
  void ingestionFailuresKeepTheirMeaning() {
    JsonNode rejected = query(left, alice, START.replace("image/jpeg", "text/plain"), null);
    assertThat(code(rejected)).isEqualTo("UPLOAD_REJECTED");
    assertThat(rejected.at("/errors/0/extensions/fields/contentType/0").asText())
        .isEqualTo("not an image");
    JsonNode away = query(left, alice, START.replace("image/jpeg", "image/broken"), null);
    assertThat(code(away)).isEqualTo("INGESTION_UNAVAILABLE");
    assertThat(away.at("/errors/0/extensions/retryable").asBoolean()).isTrue();
    String confirm =
        "mutation { confirmUpload(uploadId: \"unknown\", bytes: 1, checksum: \"c\") { status } }";
    assertThat(code(query(left, alice, confirm, null))).isEqualTo("UNKNOWN_UPLOAD");
  }

  @Test
  void onlyTheOwnerMayRequestAnAnalysis() throws Exception {
    String key = startUpload(left, alice, "upload-id").at("/imageUploadPayload/key").asText();
    String request =
        "mutation { requestAnalysis(input: {objectKey: \"" + key + "\"}) { correlationId } }";
    await().atMost(LONG).until(() -> !"FORBIDDEN".equals(code(query(right, alice, request, null))));
    assertThat(code(query(right, alice, request, null)))
        .as("nobody takes commands yet")
        .isEqualTo("MESSAGING_UNAVAILABLE");
    assertThat(code(query(right, bob, request, null))).isEqualTo("FORBIDDEN");
    assertThat(code(query(left, alice, request.replace("images/", "other/"), null)))
        .isEqualTo("FORBIDDEN");

    String queue = Wire.Queues.ORCHESTRATOR_ANALYSIS_COMMANDS;
    orchestrator.apply(
        Topology.builder()
            .direct(Wire.Exchanges.ANALYSIS_COMMANDS)
            .queue(queue)
            .bind(Wire.Exchanges.ANALYSIS_COMMANDS, queue, Wire.RoutingKeys.ANALYSIS_REQUEST)
            .build());
    BlockingQueue<Delivery> commands = new LinkedBlockingQueue<>();
    try (var consumer =
        orchestrator
            .consumer(queue)
            .start(
                delivery -> {
                  commands.add(delivery);
                  delivery.ack();
                })) {
      assertThat(consumer.health()).isNotNull();
      JsonNode answer = query(right, alice, request, null);
      assertThat(answer.at("/data/requestAnalysis/correlationId").asText())
          .as("the upload's own, where the client sent none")
          .isEqualTo("upload-id");
      Delivery command = commands.poll(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(command).isNotNull();
      assertThat(new String(command.body(), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("{\"objectKey\":\"" + key + "\"}");
      assertThat(command.correlationId()).hasValue(new CorrelationId("upload-id"));
    }
  }

  @Test
  void aReplicaThatStartsLaterKnowsTheOwners() {
    String key = startUpload(left, alice, "before").at("/imageUploadPayload/key").asText();
    try (GraphGateway late = gateway("late")) {
      awaitReady(late);
      try (SocketClient client = subscribed(late, alice)) {
        publishStarted(key, "before", UUID.randomUUID().toString());
        client.expect("next");
      }
    }
  }

  @Test
  void theTableHoldsForRealTokens() {
    assertThat(status(left, null, "{ ping }")).isEqualTo(200);
    assertThat(status(left, null, START)).isEqualTo(401);
    String expired = entra.tokens(api).user(alice).expired().mint();
    assertThat(status(left, expired, "{ ping }")).isEqualTo(401);
    String noScope = entra.tokens(api).user(alice).scopes("other").mint();
    assertThat(status(left, noScope, START)).isEqualTo(403);
    String otherCase = entra.tokens(api).user(alice).scopes("Analysis").mint();
    assertThat(status(left, otherCase, START)).isEqualTo(403);
    String otherAudience = entra.tokens(api).user(alice).audience("api://other").mint();
    assertThat(status(left, otherAudience, START)).isEqualTo(401);
    assertThat(SocketClient.refusal(http, socketUri(left), null)).isEqualTo(401);
    assertThat(SocketClient.refusal(http, socketUri(left), expired)).isEqualTo(401);
  }

  @Test
  void withoutKeysItIsUnavailableUntilTheyCome() {
    try (EntraStandIn away = EntraStandIn.start()) {
      away.tenant().register(api);
      User someone = away.tenant().addUser("Someone");
      String token = away.tokens(api).user(someone).mint();
      away.outage(true);
      try (GraphGateway gateway = gateway("keyless", away)) {
        assertThat(status(gateway, token, "{ ping }")).isEqualTo(503);
        assertThat(SocketClient.refusal(http, socketUri(gateway), token)).isEqualTo(503);
        assertThat(gateway.ready().isUp()).isFalse();
        away.heal();
        await().atMost(LONG).until(() -> status(gateway, token, START) == 200);
        awaitReady(gateway);
      }
    }
  }

  @Test
  void anOpenSocketEndsWithItsToken() {
    String brief = entra.tokens(api).user(alice).lifetime(Duration.ofSeconds(3)).mint();
    try (SocketClient client =
        SocketClient.open(http, socketUri(left), brief, GraphqlSocket.SUBPROTOCOL)) {
      client.send("{\"type\":\"connection_init\"}");
      client.expect("connection_ack");
      assertThat(client.closeCode()).isEqualTo(4403);
    }
  }

  @Test
  void aRestartOfTheBrokerLosesNoEventAndNoOwner() {
    String key = startUpload(left, alice, "restart").at("/imageUploadPayload/key").asText();
    try (SocketClient client = subscribed(right, alice)) {
      node.restart();
      publishStarted(key, "restart", UUID.randomUUID().toString());
      assertThat(client.expect("next").at("/payload/data/onAnalysisStarted/objectKey").asText())
          .isEqualTo(key);
    }
    awaitReady(left);
    awaitReady(right);
  }

  private static GraphGateway gateway(String name) {
    return gateway(name, entra);
  }

  private static GraphGateway gateway(String name, EntraStandIn identity) {
    HandshakeCertificates trust =
        new HandshakeCertificates.Builder()
            .addTrustedCertificate(identity.certificateAuthority())
            .addTrustedCertificate(ingestion.certificate.certificate())
            .build();
    OkHttpClient client =
        new OkHttpClient.Builder()
            .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
            .build();
    GatewaySettings settings =
        new GatewaySettings(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            name,
            new RabbitAccess(node.host(), node.port(), node.user(), node.password(), "/"),
            new GatewaySettings.IngestionAccess(
                ingestion.uri(), Optional.of("localhost"), Secret.of(IngestionFake.KEY)),
            new GatewaySettings.EntraAccess(
                identity.authority(),
                identity.tenant().id(),
                api.clientId(),
                api.appIdUri(),
                "analysis"),
            false);
    GraphGateway gateway = GraphGateway.start(settings, client);
    gateway.open();
    return gateway;
  }

  private static void awaitReady(GraphGateway gateway) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(gateway.ready().isUp()).as(gateway.ready().toJson()).isTrue());
  }

  /** A socket with both subscriptions; a query's answer shows that they are in place. */
  private static SocketClient subscribed(GraphGateway gateway, User user) {
    SocketClient client =
        SocketClient.open(http, socketUri(gateway), token(user), GraphqlSocket.SUBPROTOCOL);
    client.send("{\"type\":\"connection_init\"}");
    client.expect("connection_ack");
    client.subscribe("s", "subscription { onAnalysisStarted { objectKey correlationId } }");
    client.subscribe(
        "c",
        "subscription { onAnalysisCompleted { success objectKey correlationId recognitionPayload "
            + "{ provider { name featureset } aggregate { brand confidence isConfident } } } }");
    client.subscribe("p", "{ ping }");
    client.expect("next");
    client.expect("complete");
    return client;
  }

  private static JsonNode startUpload(GraphGateway gateway, User user, String correlation) {
    JsonNode answer = query(gateway, user, START, correlation);
    assertThat(answer.has("errors")).as(answer.toString()).isFalse();
    return answer.at("/data/startUpload");
  }

  private static JsonNode query(
      GraphGateway gateway, User user, String query, @Nullable String correlation) {
    return GatewayFixture.json(post(gateway, token(user), query, correlation));
  }

  private static int status(GraphGateway gateway, @Nullable String token, String query) {
    return post(gateway, token, query, null).statusCode();
  }

  private static HttpResponse<String> post(
      GraphGateway gateway, @Nullable String token, String query, @Nullable String correlation) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/graphql"))
            .timeout(LONG)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("query", query))));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (correlation != null) {
      request.header("x-correlation-id", correlation);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String code(JsonNode answer) {
    return answer.at("/errors/0/extensions/code").asText();
  }

  private static String token(User user) {
    return entra.tokens(api).user(user).mint();
  }

  private static URI socketUri(GraphGateway gateway) {
    return URI.create("ws://127.0.0.1:" + gateway.port() + "/graphql");
  }

  private static void publishStarted(String key, String correlation, String messageId) {
    byte[] body = ContractCodec.encode(new AnalysisStarted(key, null));
    publish(started, Message.of(body).messageId(messageId), correlation);
  }

  private static void publishCompleted(String key, String correlation) {
    RecognitionCompleted recognised =
        new RecognitionCompleted(
            new RecognitionCompleted.Provider("test", null, List.of("brand"), null),
            new RecognitionCompleted.Aggregate(
                "Volvo", "excavator", null, 0.9, true, null, null, null));
    byte[] body = ContractCodec.encode(new AnalysisCompleted(true, recognised, key, correlation));
    publish(completed, Message.of(body), correlation);
  }

  private static void publish(Publisher publisher, Message message, String correlation) {
    Message full =
        message.contentType("application/json").correlationId(new CorrelationId(correlation));
    await()
        .atMost(LONG)
        .until(() -> publisher.publishAndWait(full, Duration.ofSeconds(30)).isConfirmed());
  }
}
