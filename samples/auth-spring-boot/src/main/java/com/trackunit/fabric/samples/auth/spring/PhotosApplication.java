// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.auth.spring;

import com.trackunit.fabric.auth.EntraTokenValidator;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows photographs to callers with the right scope or role, and whether it is ready to. */
@SpringBootApplication(exclude = UserDetailsServiceAutoConfiguration.class) // nobody has a password
public class PhotosApplication {
  /**
   * Starts it.
   *
   * @param arguments {@code --name=value} for each property
   */
  public static void main(String[] arguments) {
    SpringApplication.run(PhotosApplication.class, arguments);
  }

  /** Whether tokens can be decided now: nobody should send requests before. */
  @RestController
  static class Readiness {
    private final EntraTokenValidator validator;

    Readiness(EntraTokenValidator validator) {
      this.validator = validator;
    }

    @GetMapping("/ready")
    ResponseEntity<Void> ready() {
      boolean isReady = validator.health().isUp();
      return ResponseEntity.status(isReady ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
          .build();
    }
  }
}
