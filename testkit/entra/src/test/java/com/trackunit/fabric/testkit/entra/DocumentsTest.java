// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.Secret;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentsTest {
  private static final String V1 = "/.well-known/openid-configuration";
  private static final String V2 = "/v2.0/.well-known/openid-configuration";

  private static EntraStandIn entra;
  private static Http http;
  private static UUID tenant;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.start();
    http = new Http(entra);
    tenant = entra.tenant().id();
  }

  @AfterAll
  static void stop() {
    entra.close();
  }

  @Test
  void tenantsOwnV2DocumentHoldsItsGuid() throws Exception {
    assertThat(http.json("/" + tenant + V2))
        .containsEntry("issuer", entra.authority() + "/" + tenant + "/v2.0")
        .containsEntry("jwks_uri", entra.authority() + "/" + tenant + "/discovery/v2.0/keys")
        .containsEntry("token_endpoint", entra.authority() + "/" + tenant + "/oauth2/v2.0/token")
        .containsEntry(
            "device_authorization_endpoint",
            entra.authority() + "/" + tenant + "/oauth2/v2.0/devicecode")
        .containsEntry("cloud_instance_name", "microsoftonline.com")
        .containsEntry("cloud_graph_host_name", "graph.windows.net")
        .containsEntry("tenant_region_scope", "EU");
  }

  @Test
  void v1IssuerStandsOnAnotherHostWithATrailingSlash() throws Exception {
    assertThat(http.json("/" + tenant + V1))
        .containsEntry("issuer", "https://sts.windows.net/" + tenant + "/")
        .containsEntry("jwks_uri", entra.authority() + "/common/discovery/keys");
  }

  @ParameterizedTest
  @ValueSource(strings = {"common", "organizations"})
  void sharedDocumentsHoldTheLiteralTemplate(String alias) throws Exception {
    assertThat(http.json("/" + alias + V2))
        .containsEntry("issuer", entra.authority() + "/{tenantid}/v2.0")
        .containsEntry("tenant_region_scope", null);
    assertThat(http.json("/" + alias + V1))
        .containsEntry("issuer", "https://sts.windows.net/{tenantid}/");
  }

  @Test
  void sovereignCloudsNameThemselves() throws Exception {
    try (EntraStandIn china = EntraStandIn.builder().cloud(Cloud.CHINA).tenant(tenant).start()) {
      Http there = new Http(china);

      assertThat(there.json("/" + tenant + V2))
          .containsEntry("cloud_instance_name", "partner.microsoftonline.cn");
      assertThat(there.json("/" + tenant + V1))
          .containsEntry("issuer", "https://sts.chinacloudapi.cn/" + tenant + "/");
      assertThat(china.signingKey().cloudInstanceName()).contains("partner.microsoftonline.cn");
    }
  }

  @Test
  void keysAreShapedLikeEntras() throws Exception {
    List<Map<String, Object>> keys = keys("/" + tenant + "/discovery/v2.0/keys");

    assertThat(keys)
        .hasSize(5)
        .allSatisfy(
            key ->
                assertThat(key)
                    .containsKeys("kty", "use", "kid", "x5t", "n", "e", "x5c", "issuer")
                    .doesNotContainKeys("alg", "d", "p", "q"));
    assertThat(keys)
        .filteredOn("kid", entra.signingKey().kid())
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("issuer", entra.authority() + "/" + tenant + "/v2.0")
        .containsEntry("cloud_instance_name", "microsoftonline.com");
    assertThat(keys).anySatisfy(key -> assertThat(key).doesNotContainKey("cloud_instance_name"));
    assertThat(keys)
        .extracting(key -> key.get("issuer"))
        .contains(entra.authority() + "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
  }

  @Test
  void sharedKeySetHoldsTemplatesBesideFixedTenants() throws Exception {
    assertThat(keys("/common/discovery/v2.0/keys"))
        .extracting(key -> key.get("issuer"))
        .contains(
            entra.authority() + "/{tenantid}/v2.0",
            entra.authority() + "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
  }

  @Test
  void v1KeysHaveNoIssuer() throws Exception {
    assertThat(keys("/common/discovery/keys"))
        .hasSize(5)
        .allSatisfy(
            key -> assertThat(key).doesNotContainKeys("issuer", "cloud_instance_name", "alg"));
  }

  @Test
  void unknownTenantIsRefusedInEntrasWords() throws Exception {
    HttpResponse<String> answer = http.get("/" + UUID.randomUUID() + V2);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Http.parsed(answer)).containsEntry("error", "invalid_tenant");
    assertThat(answer.body()).contains("AADSTS90002");
  }

  @Test
  void requestsAreCountedByEndpoint() throws Exception {
    entra.resetRequests();
    http.get("/" + tenant + V2);
    http.get("/" + tenant + V2);

    assertThat(entra.requests(Endpoint.DISCOVERY_V2)).isEqualTo(2);
    assertThat(entra.requests(Endpoint.KEYS_V2)).isZero();
  }

  @Test
  void trustStoreHoldsTheAuthorityAndNoKey(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("trust.p12");
    entra.writeTrustStore(file, Secret.of("changeit"));

    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, "changeit".toCharArray());
    }
    List<String> aliases = Collections.list(store.aliases());
    assertThat(aliases).hasSize(1);
    assertThat(store.isCertificateEntry(aliases.get(0))).isTrue();
    assertThat(store.getCertificate(aliases.get(0))).isEqualTo(entra.certificateAuthority());
    assertThat(entra.certificateAuthorityPem()).startsWith("-----BEGIN CERTIFICATE-----");
  }

  @SuppressWarnings("unchecked") // the shape is what the tests look at
  private static List<Map<String, Object>> keys(String path) throws Exception {
    return (List<Map<String, Object>>) Objects.requireNonNull(http.json(path).get("keys"));
  }
}
