// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.auth.Audience;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.EnvironmentException;
import com.trackunit.fabric.samples.contracts.RabbitAccess;
import com.trackunit.fabric.samples.contracts.Variables;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The gateway's settings, from its environment. Its {@code toString} shows no secret.
 *
 * @param address where to listen; port 0 takes a free one
 * @param instanceName names this replica's own queue; the same name after a restart finds its
 *     events
 * @param rabbit where RabbitMQ is
 * @param ingestion how tu-ingestion-service is reached
 * @param entra whose tokens are good
 * @param introspection whether clients may ask for the schema
 */
record GatewaySettings(
    InetSocketAddress address,
    String instanceName,
    RabbitAccess rabbit,
    IngestionAccess ingestion,
    EntraAccess entra,
    boolean introspection) {

  private static final Pattern INSTANCE_NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  /**
   * How tu-ingestion-service is reached.
   *
   * @param baseUrl https
   * @param allowedHost a host that it may have though it is no funnel's
   * @param key admits internal callers
   */
  record IngestionAccess(URI baseUrl, Optional<String> allowedHost, Secret key) {}

  /**
   * Whose tokens are good.
   *
   * @param instance the authority host
   * @param tenantId whose tokens
   * @param clientId the API's
   * @param audience the API's App ID URI
   * @param requiredScope what a token has to allow
   */
  record EntraAccess(
      URI instance, UUID tenantId, UUID clientId, String audience, String requiredScope) {}

  /**
   * Reads them all.
   *
   * @throws EnvironmentException naming every variable that is missing or has another form
   */
  static GatewaySettings from(Environment environment) {
    Supplier<String> host = environment.text(Variables.HTTP_HOST).orElse("0.0.0.0");
    Supplier<Integer> port = environment.port(Variables.HTTP_PORT).orElse(8080);
    Supplier<String> instance =
        environment
            .value("INSTANCE_NAME", "1 to 100 of A-Z a-z 0-9 . _ -", GatewaySettings::instanceName)
            .orElse(hostName());
    Supplier<RabbitAccess> rabbit = RabbitAccess.from(environment);
    Supplier<URI> ingestion =
        environment
            .value(Variables.INGESTION_BASE_URL, "https://host", text -> https(URI.create(text)))
            .required();
    Supplier<Optional<String>> allowed =
        environment.text(Variables.INGESTION_ALLOWED_HOST).optional();
    Supplier<Secret> key = environment.secret(Variables.INTERNAL_AUTH_API_KEY).required();
    Supplier<URI> authority =
        environment
            .value(Variables.AZUREAD_INSTANCE, "https://host", text -> https(URI.create(text)))
            .orElse(URI.create("https://login.microsoftonline.com"));
    Function<String, UUID> guid = UUID::fromString;
    Supplier<UUID> tenant =
        environment.value(Variables.AZUREAD_TENANTID, "a GUID", guid).required();
    Supplier<UUID> client =
        environment.value(Variables.AZUREAD_CLIENTID, "a GUID", guid).required();
    Supplier<String> audience =
        environment
            .value(
                Variables.AZUREAD_AUDIENCE,
                "a GUID or an absolute URI such as api://id",
                GatewaySettings::audience)
            .orElse("");
    Supplier<String> scope = environment.text(Variables.AUTH_REQUIREDSCOPE).orElse("analysis");
    Supplier<Boolean> introspection =
        environment
            .value("GRAPHQL__INTROSPECTION", "true or false", GatewaySettings::flag)
            .orElse(false);
    environment.verify();
    String named = audience.get().isEmpty() ? "api://" + client.get() : audience.get();
    return new GatewaySettings(
        new InetSocketAddress(host.get(), port.get()),
        instance.get(),
        rabbit.get(),
        new IngestionAccess(ingestion.get(), allowed.get(), key.get()),
        new EntraAccess(authority.get(), tenant.get(), client.get(), named, scope.get()),
        introspection.get());
  }

  private static URI https(URI uri) {
    if (!"https".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException("not https");
    }
    return uri;
  }

  private static String instanceName(String text) {
    if (!INSTANCE_NAME.matcher(text).matches()) {
      throw new IllegalArgumentException("another form");
    }
    return text;
  }

  private static String audience(String text) {
    // The one who knows what an audience may be refuses the others.
    var unused = Audience.of(text);
    return text;
  }

  private static Boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither");
    };
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A host that does not know its own name; one replica then still works.
      return "localhost";
    }
  }
}
