// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** graph-gateway as a process of its own. */
final class GraphGatewayServiceTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final App API = App.builder("api").scopes("analysis").build();

  @TempDir private Path folder;

  @Test
  void aBadEnvironmentIsToldInOneMessage() throws Exception {
    Process process = start(Map.of("RABBIT_PASS", "hunter2"), Path.of("none"));
    assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(output())
        .contains("RABBIT_HOST", "RABBIT_USER", "INGESTION_BASE_URL", "AZUREAD__CLIENTID")
        .doesNotContain("hunter2");
  }

  @Test
  @Tag("broker")
  void itSaysWhenItIsReadyAndEndsInOrderAtSigterm() throws Exception {
    try (RabbitMqNode node = RabbitMqNode.start();
        EntraStandIn entra = EntraStandIn.start()) {
      Path trust = folder.resolve("trust.p12");
      entra.writeTrustStore(trust, Secret.of("changeit"));
      entra.tenant().register(API);
      Process process = start(environment(node, entra), trust);
      try {
        await().atMost(LONG).until(() -> output().contains("READY graph-gateway "));
        int port =
            Integer.parseInt(
                output().split("READY graph-gateway ", 2)[1].lines().findFirst().orElseThrow());
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest ready =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                .build();
        HttpResponse<String> health = http.send(ready, HttpResponse.BodyHandlers.ofString());
        assertThat(health.statusCode()).as(health.body()).isEqualTo(200);
        assertThat(health.body()).contains("owner-log", "entra-keys");
        String token = entra.tokens(API).user(entra.tenant().addUser("Alice")).mint();
        URI uri = URI.create("ws://127.0.0.1:" + port + "/graphql");
        try (SocketClient client = SocketClient.open(http, uri, token, GraphqlSocket.SUBPROTOCOL)) {
          process.destroy();
          assertThat(client.closeCode()).isEqualTo(1001);
        }
        assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("ended by SIGTERM").isEqualTo(143);
        assertThat(output()).doesNotContain(" ERROR ", token);
        // Before it is ready, a first try at the keys or at RabbitMQ may fail, and says so.
        assertThat(output().split("READY graph-gateway ", 2)[1]).doesNotContain(" WARN ");
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static Map<String, String> environment(RabbitMqNode node, EntraStandIn entra) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HTTP_HOST", "127.0.0.1");
    environment.put("HTTP_PORT", "0");
    environment.put("INSTANCE_NAME", "process");
    environment.put("RABBIT_HOST", node.host());
    environment.put("RABBIT_PORT", String.valueOf(node.port()));
    environment.put("RABBIT_USER", node.user());
    environment.put("RABBIT_PASS", node.password().reveal());
    environment.put("INGESTION_BASE_URL", "https://localhost:1");
    environment.put("INGESTION_ALLOWED_HOST", "localhost");
    environment.put("INTERNAL_AUTH_API_KEY", "internal");
    environment.put("AZUREAD__INSTANCE", entra.authority().toString());
    environment.put("AZUREAD__TENANTID", entra.tenant().id().toString());
    environment.put("AZUREAD__CLIENTID", API.clientId().toString());
    environment.put("AZUREAD__AUDIENCE", API.appIdUri());
    return environment;
  }

  private Process start(Map<String, String> environment, Path trustStore) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djavax.net.ssl.trustStore=" + trustStore,
                "-Djavax.net.ssl.trustStorePassword=changeit",
                "-cp",
                System.getProperty("java.class.path"),
                GraphGatewayService.class.getName()));
    builder.environment().keySet().removeIf(name -> name.matches("RABBIT_.*|AZUREAD_.*|HTTP_.*"));
    builder.environment().putAll(environment);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }
}
