"""What the page of Tableau says."""

from typing import Final

TABLEAU: Final[dict[str, tuple[str, str]]] = {
    "tableau": ("Tableau", "Tableau"),
    "tableau_route": ("Show only this route", "Mostrar solo esta ruta"),
    "tableau_of": ("View {view} of {host}", "Vista {view} de {host}"),
    "tableau_failed": (
        "Tableau did not show the view. Does the connected app allow this address, and does your user exist there?",
        "Tableau no mostró la vista. ¿La aplicación conectada permite esta dirección, y existe su usuario ahí?",
    ),
    "tableau_none": ("No Tableau is connected", "No hay ningún Tableau conectado"),
    "tableau_none_why": (
        "In Tableau, make a connected app (direct trust), enable it, allow this app's address in it and give it the "
        "project of the view. Then start the app with these variables; the secret stays on the server:",
        "En Tableau, cree una aplicación conectada (confianza directa), actívela, permita en ella la dirección de esta "
        "app y asígnele el proyecto de la vista. Luego inicie la app con estas variables; el secreto queda en el "
        "servidor:",
    ),
    "tableau_host_of": ("https://host of the Tableau site", "https://host del sitio de Tableau"),
    "tableau_view_of": ("the view's path: /t/site/views/Book/View", "ruta de la vista: /t/sitio/views/Libro/Vista"),
    "tableau_client": ("the connected app's client id", "client id de la aplicación conectada"),
    "tableau_secret_of": (
        "its secret's id; and its value, or the name of a secret in Secrets Manager that holds it",
        "el id de su secreto; y su valor, o el nombre de un secreto de Secrets Manager que lo guarda",
    ),
    "tableau_user_of": (
        "the Tableau user of all who look; without it each by their own sign-in",
        "el usuario de Tableau de todos; sin él, cada quien con el suyo",
    ),
    "tableau_field_of": (
        "the field that holds routes, as in JFK-LAX; route",
        "el campo con las rutas, como JFK-LAX; route",
    ),
    "extract": ("Extract", "Extracto"),
    "extract_help": (
        "The marts as one ZIP of Parquet files, which Tableau opens. As Hyper: .venv/bin/python -m warehouse export "
        "--format hyper",
        "Los marts en un ZIP de archivos Parquet, que Tableau abre. Como Hyper: .venv/bin/python -m warehouse export "
        "--format hyper",
    ),
    "extract_make": ("Prepare the extract", "Preparar el extracto"),
    "extract_download": ("Download the extract", "Descargar el extracto"),
}
