// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.auth.quarkus;

import com.trackunit.fabric.samples.auth.quarkus.EntraSecurity.Caller;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.SecurityContext;

/** What is protected. */
@Path("/photos")
public class Photos {
  /**
   * All of them.
   *
   * @param security holds the caller
   * @return their names, one a line
   */
  @GET
  public String photos(@Context SecurityContext security) {
    ((Caller) security.getUserPrincipal())
        .token()
        .requireScopeOrRole("analysis", "Photos.Read.All");
    return "excavator.jpg";
  }
}
