// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.contracts.Variables;
import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.Tenant;
import com.trackunit.fabric.testkit.entra.User;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for Microsoft Entra ID: the testkit's provider with one tenant, one API, one public
 * client and one user. Settings: README.md of this folder.
 */
public final class EntraIdStandIn {
  private static final Logger log = LoggerFactory.getLogger(EntraIdStandIn.class);

  private EntraIdStandIn() {}

  /**
   * Runs it until the process is told to end.
   *
   * @param args none
   */
  public static void main(String[] args) {
    ServiceMain.run("entra-id", EntraIdStandIn::start);
  }

  static ServiceMain.Service start(Environment environment) {
    Supplier<Integer> port = environment.port("STANDIN_PORT").orElse(0);
    Supplier<UUID> tenantId = uuid(environment, Variables.AZUREAD_TENANTID);
    Supplier<UUID> apiId = uuid(environment, Variables.AZUREAD_CLIENTID);
    Supplier<UUID> clientId = uuid(environment, "CLIENT_ID");
    Supplier<String> scope = environment.text(Variables.AUTH_REQUIREDSCOPE).orElse("analysis");
    Supplier<String> userName = environment.text("STANDIN_USER").orElse("Demo User");
    Supplier<Duration> pollInterval =
        environment.duration("STANDIN_POLL_INTERVAL").orElse(Duration.ofSeconds(5));
    Supplier<Optional<Path>> caFile =
        environment.value("STANDIN_CA_FILE", "a path", Path::of).optional();
    environment.verify();

    EntraStandIn entra =
        EntraStandIn.builder()
            .port(port.get())
            .tenant(tenantId.get())
            .devicePollInterval(pollInterval.get())
            .start();
    Tenant tenant = entra.tenant();
    tenant.register(App.builder("fabric-api").clientId(apiId.get()).scopes(scope.get()).build());
    tenant.register(
        App.builder("trackunit-client").clientId(clientId.get()).publicClient().build());
    User user = tenant.addUser(userName.get());
    log.info("user {} may sign in at {}", user.username(), entra.authority());
    caFile.get().ifPresent(file -> write(file, entra.certificateAuthorityPem()));
    return new Provider(entra);
  }

  private static Supplier<UUID> uuid(Environment environment, String name) {
    return environment.value(name, "a UUID", UUID::fromString).required();
  }

  private static void write(Path file, String pem) {
    try {
      Files.writeString(file, pem, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException("CA file " + file + ": cannot be written", e);
    }
  }

  private record Provider(EntraStandIn entra) implements ServiceMain.Service {
    @Override
    public int port() {
      return entra.authority().getPort();
    }

    @Override
    public void close() {
      entra.close();
    }
  }
}
