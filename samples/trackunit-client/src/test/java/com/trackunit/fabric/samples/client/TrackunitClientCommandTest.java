// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.samples.contracts.Environment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackunitClientCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void withoutAPhotoItTellsItsUsage() {
    assertThat(run(Map.of())).isEqualTo(2);
    assertThat(run(Map.of(), "a.jpg", "b.jpg")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("usage: trackunit-client <photo>");
  }

  @Test
  void aTextNamedLikeAPhotoIsRefusedBeforeAnythingElse() {
    Path text = Photos.write(folder.resolve("text.jpg"), "hello, I am a text".getBytes(UTF_8));
    assertThat(run(Map.of(), text.toString())).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("it is not an image").contains("Nothing was sent");
    assertThat(run(Map.of(), "no\0path")).isEqualTo(2);
  }

  @Test
  void everyMissingVariableIsNamed() {
    assertThat(run(Map.of(), Photos.jpeg(folder).toString())).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .contains("GRAPHQL_HTTP_URL", "AZUREAD__TENANTID", "CLIENT_ID", "API_CLIENT_ID");
  }

  @Test
  void aTokenOverPlainHttpToAnotherMachineIsRefused() {
    Map<String, String> environment = new HashMap<>(withTokenFile("abc.def.ghi"));
    environment.put("GRAPHQL_HTTP_URL", "http://gateway.example/graphql");
    assertThat(run(environment, Photos.jpeg(folder).toString())).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("plain text");
  }

  @Test
  void aTokenFileThatHoldsNoTokenIsNotShown() {
    Map<String, String> environment = new HashMap<>(withTokenFile("SECRET with spaces"));
    environment.put("GRAPHQL_HTTP_URL", "http://localhost:1/graphql");
    assertThat(run(environment, Photos.jpeg(folder).toString())).isEqualTo(1);
    assertThat(err.toString(UTF_8)).contains("token file").doesNotContain("SECRET");
  }

  @Test
  void aFailureOnTheWayIsOne() {
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(new HeldCertificate.Builder().build())
            .build();
    try (StandInGateway gateway = new StandInGateway(certificates)) {
      Map<String, String> environment = new HashMap<>(withTokenFile("abc.def.ghi"));
      environment.put("GRAPHQL_HTTP_URL", gateway.httpUrl().toString());
      environment.put("GRAPHQL_WS_URL", gateway.wsUrl().toString());
      environment.put("UPLOAD_HOSTS", "store.example, other.example");

      assertThat(run(environment, Photos.jpeg(folder).toString())).isEqualTo(1);
      assertThat(out.toString(UTF_8)).contains("photo checked").contains("upload started");
      assertThat(err.toString(UTF_8)).contains("is not one of the upload hosts");
    }
  }

  @Test
  void theAuthorityMayBeAHostOrATenant() {
    Map<String, String> environment = new HashMap<>();
    environment.put("GRAPHQL_HTTP_URL", "https://g/graphql");
    environment.put("AZUREAD__TENANTID", "t");
    environment.put("CLIENT_ID", "c");
    environment.put("AZUREAD__AUDIENCE", "api://a");
    environment.put("ENTRA_AUTHORITY", "https://login.example:1");
    assertThat(login(environment))
        .isEqualTo(
            new ClientSettings.Login(
                URI.create("https://login.example:1/t/"), "c", "api://a/analysis"));

    environment.put("ENTRA_AUTHORITY", "https://login.example/other");
    environment.put("API_CLIENT_ID", "b");
    assertThat(login(environment))
        .isEqualTo(
            new ClientSettings.Login(
                URI.create("https://login.example/other"), "c", "api://b/analysis"));
  }

  private static ClientSettings.Login login(Map<String, String> environment) {
    return ClientSettings.read(Environment.of(environment)).login().orElseThrow();
  }

  private Map<String, String> withTokenFile(String content) {
    Path file = Photos.write(folder.resolve("token"), content.getBytes(UTF_8));
    return Map.of("ACCESS_TOKEN_FILE", file.toString());
  }

  private int run(Map<String, String> environment, String... arguments) {
    return TrackunitClientCommand.run(
        arguments,
        Environment.of(environment),
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8));
  }
}
