// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.EnvironmentException;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.SSLContext;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EntraIdStandInTest {
  private static final String TENANT = "00000000-0000-4000-8000-00000000000a";

  @Test
  void discoveryIsServedUnderTheAuthorityInTheCaFile(@TempDir Path folder) throws Exception {
    Path caFile = folder.resolve("ca.pem");
    ServiceMain.Service entra =
        EntraIdStandIn.start(
            Environment.of(
                Map.of(
                    "AZUREAD__TENANTID",
                    TENANT,
                    "AZUREAD__CLIENTID",
                    "00000000-0000-4000-8000-00000000000b",
                    "CLIENT_ID",
                    "00000000-0000-4000-8000-00000000000c",
                    "STANDIN_CA_FILE",
                    caFile.toString())));
    try (entra) {
      OkHttpClient http = new StandInTls(SSLContext.getDefault(), certificate(caFile)).client();
      String tenant = "https://localhost:" + entra.port() + "/" + TENANT;
      Request request =
          new Request.Builder().url(tenant + "/v2.0/.well-known/openid-configuration").build();
      try (Response response = http.newCall(request).execute()) {
        assertThat(new ObjectMapper().readTree(response.body().string()).get("issuer").textValue())
            .isEqualTo(tenant + "/v2.0");
      }
      http.connectionPool().evictAll();
    }
  }

  @Test
  void everyMissingSettingIsNamed() {
    assertThatThrownBy(() -> EntraIdStandIn.start(Environment.of(Map.of())))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContainingAll("AZUREAD__TENANTID", "AZUREAD__CLIENTID", "CLIENT_ID");
  }

  private static X509Certificate certificate(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
