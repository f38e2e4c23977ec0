// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.auth.spring;

import com.trackunit.fabric.auth.AccessToken;
import java.util.List;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What is protected. */
@RestController
class Photos {
  @GetMapping("/photos")
  List<String> photos(@AuthenticationPrincipal AccessToken caller) {
    caller.requireScopeOrRole("analysis", "Photos.Read.All");
    return List.of("excavator.jpg");
  }
}
