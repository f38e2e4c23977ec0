// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.DeviceCode;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import com.trackunit.fabric.core.Secret;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The judge of the token endpoint is Microsoft's own client, unchanged. */
class MsalTest {
  private static final App API =
      App.builder("graph-gateway").scopes("analysis").appRoles("Analysis.Run").build();
  private static final App DEVICE = App.builder("trackunit-client").publicClient().build();
  private static final String SECRET = "a/secret+with&odd=characters";
  private static final App DAEMON = App.builder("daemon").secret(Secret.of(SECRET)).build();

  private static EntraStandIn entra;
  private static User ada;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.builder().devicePollInterval(Duration.ofSeconds(1)).start();
    Tenant tenant = entra.tenant();
    tenant.register(API);
    tenant.register(DEVICE);
    tenant.register(DAEMON);
    tenant.assignRole(DAEMON, API, "Analysis.Run");
    ada = tenant.addUser("Ada Lovelace");
  }

  @AfterAll
  static void stop() {
    entra.close();
  }

  @Test
  void msalLogsInWithClientCredentials() throws Exception {
    IAuthenticationResult result = daemon(SECRET);

    SignedJWT token = SignedJWT.parse(result.accessToken());
    assertThat(token.verify(new RSASSAVerifier(entra.signingKey().publicKey()))).isTrue();
    assertThat(token.getJWTClaimsSet().getStringListClaim("roles")).containsExactly("Analysis.Run");
    assertThat(token.getJWTClaimsSet().getSubject())
        .isEqualTo(token.getJWTClaimsSet().getStringClaim("oid"));
    assertThat(token.getJWTClaimsSet().getClaim("scp")).isNull();
  }

  @Test
  void msalUnderstandsTheRefusalOfASecret() {
    assertThatThrownBy(() -> daemon("wrong"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            MsalServiceException.class, e -> assertThat(e.errorCode()).isEqualTo("invalid_client"))
        .hasMessageContaining("AADSTS7000215");
  }

  @Test
  void msalLogsInByDeviceCodeApprovedOverHttp() throws Exception {
    PublicClientApplication client = device(entra.tenant().id().toString());

    IAuthenticationResult result = login(client, code -> approveOverHttp(code));

    SignedJWT token = SignedJWT.parse(result.accessToken());
    assertThat(token.verify(new RSASSAVerifier(entra.signingKey().publicKey()))).isTrue();
    assertThat(token.getJWTClaimsSet().getAudience()).containsExactly(API.clientId().toString());
    assertThat(token.getJWTClaimsSet().getStringClaim("scp")).isEqualTo("analysis");
    assertThat(token.getJWTClaimsSet().getStringClaim("oid")).isEqualTo(ada.objectId().toString());
    assertThat(result.account().username()).isEqualTo(ada.username());
    assertThat(result.account().homeAccountId())
        .isEqualTo(ada.objectId() + "." + entra.tenant().id());
  }

  @Test
  void msalRenewsSilentlyWithItsRefreshToken() throws Exception {
    // An AAD authority loses its port on this path (MSAL4J 1.26 keeps only the host).
    PublicClientApplication client =
        PublicClientApplication.builder(DEVICE.clientId().toString())
            .oidcAuthority(entra.authority() + "/" + entra.tenant().id() + "/v2.0")
            .sslSocketFactory(entra.sslContext().getSocketFactory())
            .build();
    IAuthenticationResult first = login(client, code -> entra.approve(code.userCode(), ada));

    IAuthenticationResult second =
        client
            .acquireTokenSilently(
                SilentParameters.builder(Set.of(API.scope("analysis")), first.account())
                    .forceRefresh(true)
                    .build())
            .get(60, TimeUnit.SECONDS);

    assertThat(second.accessToken()).isNotEqualTo(first.accessToken());
    assertThat(SignedJWT.parse(second.accessToken()).getJWTClaimsSet().getStringClaim("scp"))
        .isEqualTo("analysis");
  }

  @Test
  void msalLearnsThatTheUserDeclined() throws Exception {
    PublicClientApplication client = device("common");

    assertThatThrownBy(() -> login(client, code -> entra.decline(code.userCode())))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("AADSTS65004");
  }

  private static IAuthenticationResult daemon(String secret) throws Exception {
    return ConfidentialClientApplication.builder(
            DAEMON.clientId().toString(), ClientCredentialFactory.createFromSecret(secret))
        .authority(entra.authority() + "/" + entra.tenant().id() + "/")
        .validateAuthority(false)
        .instanceDiscovery(false)
        .sslSocketFactory(entra.sslContext().getSocketFactory())
        .build()
        .acquireToken(ClientCredentialParameters.builder(Set.of(API.scope(".default"))).build())
        .get(60, TimeUnit.SECONDS);
  }

  private static PublicClientApplication device(String tenant) throws Exception {
    return PublicClientApplication.builder(DEVICE.clientId().toString())
        .authority(entra.authority() + "/" + tenant + "/")
        .validateAuthority(false)
        .instanceDiscovery(false)
        .sslSocketFactory(entra.sslContext().getSocketFactory())
        .build();
  }

  private static IAuthenticationResult login(
      PublicClientApplication client, Consumer<DeviceCode> user) throws Exception {
    return client
        .acquireToken(DeviceCodeFlowParameters.builder(Set.of(API.scope("analysis")), user).build())
        .get(60, TimeUnit.SECONDS);
  }

  /** As a person in a browser, or another process, does. */
  private static void approveOverHttp(DeviceCode code) {
    String form =
        "user_code=" + code.userCode() + "&username=" + encoded(ada.username()) + "&action=approve";
    HttpResponse<String> answer =
        HttpClient.newBuilder()
            .sslContext(entra.sslContext())
            .build()
            .sendAsync(
                HttpRequest.newBuilder(URI.create(code.verificationUri()))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .join();
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
