// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.Cloud;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import com.trackunit.fabric.testkit.entra.User;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Microsoft's own client logs in, and what it was given comes to the validator unchanged. */
@Timeout(120)
class MsalTokensTest {
  private static final String ROLE = "Photos.Read.All";
  private static final String SECRET = "a/secret+with&odd=characters";
  private static final App DEVICE = App.builder("device").publicClient().build();
  private static final App DAEMON = App.builder("daemon").secret(Secret.of(SECRET)).build();
  private static final UUID TENANT = UUID.randomUUID();

  @AutoClose private static final Place home = new Place(Cloud.PUBLIC);

  /** The same tenant, by its id, in a cloud of its own. */
  @AutoClose private static final Place china = new Place(Cloud.CHINA);

  /** How the client logs in. */
  enum Flow {
    CLIENT_CREDENTIALS,
    DEVICE_CODE
  }

  static Stream<Arguments> logins() {
    return Arrays.stream(Flow.values())
        .flatMap(flow -> Stream.of(TokenVersion.values()).map(form -> Arguments.of(flow, form)));
  }

  @ParameterizedTest
  @MethodSource("logins")
  void whatMsalWasGivenIsAccepted(Flow flow, TokenVersion form) throws Exception {
    App api = api(form);
    String token = home.logIn(flow, api);
    try (EntraTokenValidator validator = home.validator(TENANT, api)) {
      AccessToken caller = validator.validate(token);

      assertThat(caller.tenantId()).isEqualTo(TENANT);
      caller.requireScopeOrRole("analysis", ROLE);
      if (flow == Flow.DEVICE_CODE) {
        assertThat(caller.kind()).isEqualTo(CallerKind.DELEGATED);
        assertThat(caller.actor()).isEqualTo(DEVICE.clientId());
        assertThat(caller.objectId()).isEqualTo(home.user.objectId());
      } else {
        assertThat(caller.kind()).isEqualTo(CallerKind.APP_ONLY);
        assertThat(caller.actor()).isEqualTo(DAEMON.clientId());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("logins")
  void theSameTokenIsRefusedByAnotherTenantAnotherApiAndAnotherCloud(Flow flow, TokenVersion form)
      throws Exception {
    App api = api(form);
    String token = home.logIn(flow, api);
    UUID neighbour = home.entra.addTenant(UUID.randomUUID()).id();
    try (EntraTokenValidator otherTenant = home.validator(neighbour, api);
        EntraTokenValidator otherApi = home.validator(TENANT, App.builder("other").build());
        EntraTokenValidator otherCloud = china.validator(TENANT, api)) {
      assertRefused(otherTenant, token, Reason.TENANT_REFUSED);
      assertRefused(otherApi, token, Reason.AUDIENCE_REFUSED);
      assertRefused(otherCloud, token, Reason.ISSUER_REFUSED);
    }
  }

  @ParameterizedTest
  @MethodSource("logins")
  void whatMsalWasGivenInAnotherCloudIsAcceptedThereAndRefusedHere(Flow flow, TokenVersion form)
      throws Exception {
    App api = api(form);
    String token = china.logIn(flow, api);
    try (EntraTokenValidator there = china.validator(TENANT, api);
        EntraTokenValidator here = home.validator(TENANT, api)) {
      there.validate(token).requireScopeOrRole("analysis", ROLE);
      assertRefused(here, token, Reason.ISSUER_REFUSED);
    }
  }

  private static App api(TokenVersion form) {
    return App.builder("photos " + form)
        .scopes("analysis")
        .appRoles(ROLE)
        .tokenVersion(form)
        .build();
  }

  private static void assertRefused(EntraTokenValidator by, String token, Reason reason) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> by.validate(token))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .satisfies(e -> assertThat(e.httpStatus()).isEqualTo(401));
  }

  /** A cloud with the tenant, its user and its clients in it. */
  private static final class Place implements AutoCloseable {
    final EntraStandIn entra;
    final User user;
    private final OkHttpClient http;

    Place(Cloud cloud) {
      this.entra =
          EntraStandIn.builder()
              .cloud(cloud)
              .tenant(TENANT)
              .devicePollInterval(Duration.ofSeconds(1))
              .start();
      this.user = entra.tenant().addUser("Ada Lovelace");
      this.http =
          new OkHttpClient.Builder()
              .sslSocketFactory(entra.sslContext().getSocketFactory(), entra.trustManager())
              .build();
      entra.tenant().register(DEVICE);
      entra.tenant().register(DAEMON);
    }

    EntraTokenValidator validator(UUID tenant, App api) {
      EntraCloud cloud = EntraCloud.valueOf(entra.cloud().name());
      return EntraTokenValidator.builder(
              tenant, Audience.of(api.appIdUri(), api.clientId().toString()))
          .authority(Authority.of(cloud, entra.authority()))
          .httpClient(http)
          .fetchTimeout(Duration.ofSeconds(30))
          .build();
    }

    String logIn(Flow flow, App api) throws Exception {
      entra.tenant().register(api);
      entra.tenant().assignRole(DAEMON, api, ROLE);
      IAuthenticationResult result =
          flow == Flow.DEVICE_CODE ? deviceCode(api) : clientCredentials(api);
      return result.accessToken();
    }

    private IAuthenticationResult clientCredentials(App api) throws Exception {
      return ConfidentialClientApplication.builder(
              DAEMON.clientId().toString(), ClientCredentialFactory.createFromSecret(SECRET))
          .authority(entra.authority() + "/" + TENANT + "/")
          .validateAuthority(false)
          .instanceDiscovery(false)
          .sslSocketFactory(entra.sslContext().getSocketFactory())
          .build()
          .acquireToken(ClientCredentialParameters.builder(Set.of(api.scope(".default"))).build())
          .get(60, TimeUnit.SECONDS);
    }

    private IAuthenticationResult deviceCode(App api) throws Exception {
      return PublicClientApplication.builder(DEVICE.clientId().toString())
          .authority(entra.authority() + "/" + TENANT + "/")
          .validateAuthority(false)
          .instanceDiscovery(false)
          .sslSocketFactory(entra.sslContext().getSocketFactory())
          .build()
          .acquireToken(
              DeviceCodeFlowParameters.builder(
                      Set.of(api.scope("analysis")), code -> entra.approve(code.userCode(), user))
                  .build())
          .get(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
      entra.close();
    }
  }
}
