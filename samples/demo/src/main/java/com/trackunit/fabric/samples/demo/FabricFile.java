// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.trackunit.fabric.core.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/**
 * What a running demo tells other programs: {@code fabric.json}, readable by its owner only,
 * because it holds credentials.
 *
 * @param graphqlHttp the GraphQL address of each gateway replica
 * @param graphqlWs the same for WebSockets
 * @param token an access token of the demo's user, for the Authorization header
 * @param tokenUrl the token endpoint of the Entra ID stand-in
 * @param rabbitmqUri with user and password
 * @param kafkaBootstrap host and port
 * @param ingestionUrl of the tu-ingestion-service stand-in
 * @param entraAuthority of the Entra ID stand-in
 * @param tenantId the tenant that the token is from
 * @param apiClientId the application that the token is for
 * @param clientId the public client application, for a device-code login of one's own
 * @param trustStore a PKCS #12 file with the certificate authorities of the stand-ins
 * @param pids the process of each service and broker
 */
record FabricFile(
    List<URI> graphqlHttp,
    List<URI> graphqlWs,
    String token,
    URI tokenUrl,
    URI rabbitmqUri,
    String kafkaBootstrap,
    URI ingestionUrl,
    URI entraAuthority,
    String tenantId,
    String apiClientId,
    String clientId,
    Path trustStore,
    Map<String, Long> pids) {

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Describes a running fabric; signs in for the token. */
  static FabricFile of(LocalFabric fabric) {
    URI authority = fabric.entraAuthority();
    return new FabricFile(
        fabric.graphqlHttp(),
        fabric.graphqlWs(),
        fabric.login().token(false).reveal(),
        authority.resolve("/" + LocalFabric.TENANT + "/oauth2/v2.0/token"),
        URI.create(fabric.rabbit().amqpUri()),
        fabric.kafka().bootstrapServers(),
        fabric.ingestionUrl(),
        authority,
        LocalFabric.TENANT.toString(),
        LocalFabric.API_CLIENT.toString(),
        LocalFabric.PUBLIC_CLIENT.toString(),
        fabric.trust().file(),
        fabric.pids());
  }

  /** The token, guarded. */
  Secret secretToken() {
    return Secret.of(token);
  }

  /** Writes the file whole or not at all, with mode 0600 from its first byte on. */
  void write(Path file) {
    try {
      Path unfinished =
          Files.createTempFile(
              file.toAbsolutePath().getParent(),
              file.getFileName().toString(),
              ".tmp",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      JSON.writeValue(unfinished.toFile(), this);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /**
   * Reads the file of a running demo.
   *
   * @throws DemoException if it is not readable as such
   */
  static FabricFile read(Path file) {
    try {
      return JSON.readValue(file.toFile(), FabricFile.class);
    } catch (IOException e) {
      throw new DemoException(file + " is not the file of a demo; start one with script/demo");
    }
  }

  /** Shows addresses, never credentials. */
  @Override
  public String toString() {
    return "FabricFile[graphqlHttp=" + graphqlHttp + ", pids=" + pids + "]";
  }
}
