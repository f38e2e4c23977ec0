// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.auth.spring;

import com.trackunit.fabric.auth.AccessToken;
import com.trackunit.fabric.auth.Audience;
import com.trackunit.fabric.auth.AuthException;
import com.trackunit.fabric.auth.EntraTokenValidator;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets callers in by their Entra ID access token; the token itself is the principal. */
@Configuration
class EntraSecurity {
  @Bean // closed by Spring
  EntraTokenValidator entraTokenValidator(
      @Value("${azuread.instance}") URI instance,
      @Value("${azuread.tenantid}") String tenantId,
      @Value("${azuread.clientid}") String clientId) {
    return EntraTokenValidator.builder(tenantId, Audience.of("api://" + clientId, clientId))
        .authorityHost(instance)
        .build();
  }

  @Bean
  SecurityFilterChain onlyWithToken(HttpSecurity http, EntraTokenValidator validator)
      throws Exception {
    return http.securityMatcher(request -> !request.getServletPath().equals("/ready"))
        .authorizeHttpRequests(
            it ->
                it.dispatcherTypeMatchers(DispatcherType.ERROR)
                    .permitAll()
                    .anyRequest()
                    .authenticated())
        .addFilterBefore(new EntraTokenFilter(validator), AuthorizationFilter.class)
        .sessionManagement(it -> it.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .csrf(it -> it.disable()) // no cookie lets anybody in
        .build();
  }

  /** Not a bean: as one, Spring Boot would put it before {@code /ready} too. */
  static final class EntraTokenFilter extends OncePerRequestFilter {
    private final EntraTokenValidator validator;

    EntraTokenFilter(EntraTokenValidator validator) {
      this.validator = validator;
    }

    @Override
    protected void doFilterInternal(
        HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws ServletException, IOException {
      try {
        String header = request.getHeader("Authorization");
        boolean isBearer = header != null && header.regionMatches(true, 0, "Bearer ", 0, 7);
        AccessToken caller = validator.validate(isBearer ? header.substring(7) : null);
        SecurityContextHolder.getContext()
            .setAuthentication(new PreAuthenticatedAuthenticationToken(caller, null, List.of()));
      } catch (AuthException e) {
        refuse(e, response);
        return;
      }
      chain.doFilter(request, response);
    }
  }

  /** Answers what {@link AccessToken#requireScope} and its like throw in a controller. */
  @RestControllerAdvice
  static final class Refusals {
    @ExceptionHandler
    void refuse(AuthException e, HttpServletResponse response) {
      EntraSecurity.refuse(e, response);
    }
  }

  private static void refuse(AuthException e, HttpServletResponse response) {
    e.wwwAuthenticate().ifPresent(it -> response.setHeader("WWW-Authenticate", it));
    response.setStatus(e.httpStatus());
  }
}
