// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import org.jspecify.annotations.Nullable;

/** Which endpoint answers which request. */
final class Routes {
  private final TokenBuilder.Issuance issuance;
  private final Directory directory;
  private final Documents documents;
  private final TokenEndpoint token;
  private final DeviceEndpoints device;

  Routes(TokenBuilder.Issuance issuance, Directory directory, DeviceCodes devices) {
    this.issuance = issuance;
    this.directory = directory;
    this.documents = new Documents(issuance.issuers());
    this.token = new TokenEndpoint(issuance, directory, devices);
    this.device = new DeviceEndpoints(issuance.issuers().authority(), directory, devices);
  }

  Answer answer(Request request) {
    try {
      return route(request);
    } catch (EntraError e) {
      return e.answer(issuance.clock(), correlationId(request));
    }
  }

  private Answer route(Request request) {
    return switch (request.endpoint()) {
      case DISCOVERY_V1 -> discovery(TokenVersion.V1, request);
      case DISCOVERY_V2 -> discovery(TokenVersion.V2, request);
      case KEYS_V1 -> keys(TokenVersion.V1, request);
      case KEYS_V2 -> keys(TokenVersion.V2, request);
      case TOKEN -> token.answer(request);
      case DEVICE_CODE -> device.begin(request);
      case DEVICE_APPROVAL -> device.page(request);
      case OTHER -> Answer.of(404, "text/plain", "No such page");
    };
  }

  private Answer discovery(TokenVersion version, Request request) {
    String tenant = documentTenant(request);
    return cached(documents.discovery(version, request.tenant(), tenant, request.appId()));
  }

  private Answer keys(TokenVersion version, Request request) {
    String tenant = documentTenant(request);
    return cached(issuance.keys().set(version, issuance.issuers(), tenant, request.appId()));
  }

  private String documentTenant(Request request) {
    if (!request.method().equals("GET")) {
      throw new EntraError(405, "invalid_request", 900561, "This endpoint only accepts GET.");
    }
    return directory
        .documentTenant(request.tenant())
        .orElseThrow(() -> Directory.notFound(request.tenant()));
  }

  private static Answer cached(String json) {
    return Answer.jsonText(200, json).withHeader("Cache-Control", "max-age=86400, private");
  }

  private static @Nullable String correlationId(Request request) {
    return request.headers().getFirst("client-request-id");
  }
}
