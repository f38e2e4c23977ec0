// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.auth.quarkus;

import com.trackunit.fabric.auth.AccessToken;
import com.trackunit.fabric.auth.Audience;
import com.trackunit.fabric.auth.AuthException;
import com.trackunit.fabric.auth.EntraTokenValidator;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.net.URI;
import java.security.Principal;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Lets callers in by their Entra ID access token, without ever blocking the event loop. */
@Singleton
class EntraSecurity {
  private final EntraTokenValidator validator;

  EntraSecurity(EntraTokenValidator validator) {
    this.validator = validator;
  }

  @Produces
  @Singleton
  static EntraTokenValidator validator(
      @ConfigProperty(name = "azuread.instance") URI instance,
      @ConfigProperty(name = "azuread.tenantid") String tenantId,
      @ConfigProperty(name = "azuread.clientid") String clientId) {
    return EntraTokenValidator.builder(tenantId, Audience.of("api://" + clientId, clientId))
        .authorityHost(instance)
        .build();
  }

  static void close(@Disposes EntraTokenValidator validator) {
    validator.close();
  }

  @ServerRequestFilter
  Uni<Response> letIn(ContainerRequestContext request) {
    String header = request.getHeaderString("Authorization");
    boolean isBearer = header != null && header.regionMatches(true, 0, "Bearer ", 0, 7);
    return Uni.createFrom()
        .completionStage(validator.validateAsync(isBearer ? header.substring(7) : null))
        .invoke(token -> request.setSecurityContext(new Caller(token)))
        .replaceWith(Uni.createFrom().nullItem()); // no answer yet: go on
  }

  @ServerExceptionMapper
  Response refuse(AuthException e) {
    Response.ResponseBuilder answer = Response.status(e.httpStatus());
    e.wwwAuthenticate().ifPresent(it -> answer.header("WWW-Authenticate", it));
    return answer.build();
  }

  /** Whoever shows this token. */
  record Caller(AccessToken token) implements SecurityContext, Principal {
    @Override
    public Principal getUserPrincipal() {
      return this;
    }

    @Override
    public String getName() {
      return token.tenantId() + "/" + token.objectId();
    }

    @Override
    public boolean isUserInRole(String role) {
      return token.roles().contains(role);
    }

    @Override
    public boolean isSecure() {
      return false;
    }

    @Override
    public String getAuthenticationScheme() {
      return "Bearer";
    }
  }

  void readiness(@Observes Router router) {
    router
        .get("/ready")
        .handler(it -> it.response().setStatusCode(validator.health().isUp() ? 200 : 503).end());
  }
}
