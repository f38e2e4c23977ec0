// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.auth.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.Attack;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.TokenBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The application, started by Quarkus while the Entra stand-in is away. */
@QuarkusTest
@QuarkusTestResource(PhotosTest.Entra.class)
@Timeout(120)
class PhotosTest {
  private static final HttpClient client = HttpClient.newHttpClient();
  private static final App API = App.builder("photos").scopes("analysis", "photos.read").build();

  private static boolean hasComeBack;

  @TestHTTPResource("/")
  URI root = URI.create("");

  private EntraStandIn entra = Entra.running();

  /** Starts the stand-in, in the same process, and tells the application where it is. */
  public static final class Entra implements QuarkusTestResourceLifecycleManager {
    private static @Nullable EntraStandIn entra;

    static EntraStandIn running() {
      EntraStandIn started = entra;
      if (started == null) {
        throw new IllegalStateException("Entra stand-in: not started");
      }
      return started;
    }

    @Override
    public Map<String, String> start() {
      EntraStandIn started = EntraStandIn.start();
      entra = started;
      started.tenant().register(API);
      started.outage(true);
      trust(started);
      return Map.of(
          "azuread.instance", started.authority().toString(),
          "azuread.tenantid", started.tenant().id().toString(),
          "azuread.clientid", API.clientId().toString());
    }

    private static void trust(EntraStandIn started) {
      try {
        Path trusted = Files.createTempFile("trusted", ".p12");
        trusted.toFile().deleteOnExit();
        started.writeTrustStore(trusted, Secret.of("changeit"));
        System.setProperty("javax.net.ssl.trustStore", trusted.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void stop() {
      running().close();
    }
  }

  /** Quarkus starts the application once for all tests, so whichever is first looks at this. */
  @BeforeEach
  void withEntraDownAtStartTheAnswerWas503UntilItCameBack() throws Exception {
    if (hasComeBack) {
      return;
    }
    hasComeBack = true;
    String token = token().mint();
    HttpResponse<String> undecided = send("/photos", token);
    assertThat(undecided.statusCode()).isEqualTo(503);
    assertThat(challenge(undecided)).isEmpty();
    assertThat(send("/ready", null).statusCode()).isEqualTo(503);

    entra.heal();

    assertThat(send("/photos", token).statusCode()).isEqualTo(200);
    assertThat(send("/ready", null).statusCode()).isEqualTo(200);
  }

  @Test
  void aGoodTokenIsLetInAndNoTokenIsAskedForOne() throws Exception {
    HttpResponse<String> let = send("/photos", token().mint());
    assertThat(let.statusCode()).isEqualTo(200);
    assertThat(let.body()).isEqualTo("excavator.jpg");

    HttpResponse<String> asked = send("/photos", null);
    assertThat(asked.statusCode()).isEqualTo(401);
    assertThat(challenge(asked)).isEqualTo("Bearer");
  }

  @Test
  void aTokenWithManyGroupsIsLetIn() throws Exception {
    List<UUID> groups = Stream.generate(UUID::randomUUID).limit(200).toList();

    assertThat(send("/photos", token().claim("groups", groups).mint()).statusCode()).isEqualTo(200);
  }

  @Test
  void aTokenWithoutTheScopeIsDenied() throws Exception {
    HttpResponse<String> denied = send("/photos", token().scopes("photos.read").mint());
    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(challenge(denied))
        .isEqualTo("Bearer error=\"insufficient_scope\", scope=\"analysis\"");
  }

  @ParameterizedTest
  @EnumSource(
      value = Attack.class,
      mode = Mode.EXCLUDE,
      names = {"LINE_FEED_AT_END", "OVERSIZED_HEADER", "OVERSIZED"}) // HTTP carries none of them
  void everyAttackIsAnswered401(Attack attack) throws Exception {
    HttpResponse<String> refused = send("/photos", token().attack(attack).mint());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(challenge(refused)).startsWith("Bearer error=\"invalid_token\"");
    assertThat(refused.body()).isEmpty();
  }

  private TokenBuilder token() {
    return entra.tokens(API);
  }

  private HttpResponse<String> send(String path, @Nullable String token) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(root.resolve(path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String challenge(HttpResponse<String> answer) {
    return answer.headers().firstValue("WWW-Authenticate").orElse("");
  }
}
