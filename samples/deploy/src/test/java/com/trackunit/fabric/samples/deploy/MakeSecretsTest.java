// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.samples.deploy.manifest.FieldCheck;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MakeSecretsTest {
  @TempDir private Path temp;

  @Test
  void makesWhatIsListedAndACertificateForTheHost() throws Exception {
    RabbitDefinitionsTest.makeSecrets(temp.resolve("secrets"));
    List<Manifest> secrets = Manifests.read(temp.resolve("secrets"));
    Map<String, Set<String>> made = new TreeMap<>();
    String certificate = "";
    for (Manifest secret : secrets) {
      assertThat(FieldCheck.problems(secret)).isEmpty();
      Map<String, String> data = Manifest.texts(secret.tree().path("stringData"));
      made.put(secret.namespace() + "/" + secret.name(), data.keySet());
      certificate = data.getOrDefault("tls.crt", certificate);
    }
    assertThat(made).isEqualTo(ProjectFolder.folder().secrets());
    X509Certificate parsed =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(
                    new ByteArrayInputStream(certificate.getBytes(StandardCharsets.UTF_8)));
    assertThat(parsed.getSubjectAlternativeNames()).containsExactly(List.of(2, "graphql.local"));
  }
}
